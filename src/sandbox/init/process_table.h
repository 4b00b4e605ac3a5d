// ProcessTable: one look at /proc: who descends from init and what it uses.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace treesmith::init {

struct Process {
  pid_t pid;
  pid_t parent;
  int64_t threads;
  int64_t resident_bytes;
  bool zombie;
  bool ours;
};

class ProcessTable {
 public:
  ProcessTable() = default;
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;
  ~ProcessTable();

  // Reads /proc anew and marks the descendants of this process. False: no
  // memory or no /proc.
  bool Read();

  // How many processes /proc lists, which is much quicker than Read: a look
  // that a fork bomb cannot outrun. In a pid namespace of our own they are all
  // descendants but one.
  static int64_t Count();

  // Sums over living descendants.
  [[nodiscard]] int64_t Threads() const;
  // Resident memory, counting what processes share once for each of them.
  [[nodiscard]] int64_t ResidentBytes() const;
  // The same with shared pages divided among their users (PSS): exact and
  // slow, so asked for only when the quick sum is over the limit.
  [[nodiscard]] int64_t ProportionalBytes() const;
  // SIGKILL to all of them; the number of those that were alive.
  [[nodiscard]] size_t Kill() const;

 private:
  bool Append(const Process& process);
  [[nodiscard]] const Process* Find(pid_t pid) const;
  void MarkDescendants();

  // By rising pid.
  Process* entries_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace treesmith::init
