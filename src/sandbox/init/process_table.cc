#include "sandbox/init/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace treesmith::init {
namespace {

// Reads a small file of /proc as a text; false when the process has gone.
bool ReadText(const char* path, char* text, size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  size_t filled = 0;
  while (filled + 1 < size) {
    const ssize_t got = read(fd, text + filled, size - 1 - filled);
    if (got <= 0) break;
    filled += static_cast<size_t>(got);
  }
  close(fd);
  text[filled] = '\0';
  return filled > 0;
}

// /proc/PID/stat (proc(5)): "pid (name) state ppid ... num_threads(20) ...
// rss(24)". The name may hold anything, so count from the last parenthesis.
bool ParseStat(const char* text, Process* process) {
  const char* after_name = strrchr(text, ')');
  if (after_name == nullptr) return false;
  char state = 0;
  int parent = 0;
  long long threads = 0;  // what sscanf fills
  long long resident = 0;
  const int fields = sscanf(
      after_name + 1,
      " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
      "%lld %*d %*u %*u %lld",
      &state, &parent, &threads, &resident);
  if (fields != 4) return false;
  process->parent = parent;
  process->threads = threads;
  process->resident_bytes = resident * sysconf(_SC_PAGESIZE);
  process->zombie = state == 'Z' || state == 'X';
  return true;
}

int64_t ProportionalBytesOf(const Process& process) {
  char path[64];
  char text[2048];
  snprintf(path, sizeof path, "/proc/%d/smaps_rollup", process.pid);
  if (!ReadText(path, text, sizeof text)) {
    // It has ended meanwhile, or it hides (it is not dumpable).
    return access(path, R_OK) == 0 || errno == ENOENT ? 0
                                                      : process.resident_bytes;
  }
  const char* line = strstr(text, "\nPss:");
  if (line == nullptr) return process.resident_bytes;
  return strtoll(line + 5, nullptr, 10) * 1024;
}

}  // namespace

ProcessTable::~ProcessTable() { free(entries_); }

bool ProcessTable::Append(const Process& process) {
  if (size_ == capacity_) {
    const size_t capacity = capacity_ == 0 ? 256 : capacity_ * 2;
    void* grown = realloc(entries_, capacity * sizeof(Process));
    if (grown == nullptr) return false;
    entries_ = static_cast<Process*>(grown);
    capacity_ = capacity;
  }
  entries_[size_++] = process;
  return true;
}

bool ProcessTable::Read() {
  size_ = 0;
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return false;
  bool whole = true;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    char path[64];
    char text[1024];
    Process process{};
    process.pid = static_cast<pid_t>(strtol(entry->d_name, nullptr, 10));
    snprintf(path, sizeof path, "/proc/%d/stat", process.pid);
    if (!ReadText(path, text, sizeof text)) continue;
    if (!ParseStat(text, &process)) continue;
    whole = Append(process) && whole;
  }
  closedir(folder);
  MarkDescendants();
  return whole;
}

const Process* ProcessTable::Find(pid_t pid) const {
  size_t low = 0;
  size_t high = size_;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (entries_[middle].pid == pid) return &entries_[middle];
    if (entries_[middle].pid < pid) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return nullptr;
}

void ProcessTable::MarkDescendants() {
  // /proc lists pids in rising order and children mostly follow their parents,
  // so one round and the one that sees no change are the rule.
  const pid_t self = getpid();
  bool changed = true;
  while (changed) {
    changed = false;
    for (size_t i = 0; i < size_; ++i) {
      if (entries_[i].ours) continue;
      const Process* parent = Find(entries_[i].parent);
      if (entries_[i].parent != self && (parent == nullptr || !parent->ours)) {
        continue;
      }
      entries_[i].ours = true;
      changed = true;
    }
  }
}

int64_t ProcessTable::Count() {
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return 0;
  int64_t count = 0;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') ++count;
  }
  closedir(folder);
  return count;
}

int64_t ProcessTable::Threads() const {
  int64_t sum = 0;
  for (size_t i = 0; i < size_; ++i) {
    if (entries_[i].ours) sum += entries_[i].threads;
  }
  return sum;
}

int64_t ProcessTable::ResidentBytes() const {
  int64_t sum = 0;
  for (size_t i = 0; i < size_; ++i) {
    if (entries_[i].ours) sum += entries_[i].resident_bytes;
  }
  return sum;
}

int64_t ProcessTable::ProportionalBytes() const {
  int64_t sum = 0;
  for (size_t i = 0; i < size_; ++i) {
    if (entries_[i].ours) sum += ProportionalBytesOf(entries_[i]);
  }
  return sum;
}

size_t ProcessTable::Kill() const {
  size_t alive = 0;
  for (size_t i = 0; i < size_; ++i) {
    if (!entries_[i].ours || entries_[i].zombie) continue;
    kill(entries_[i].pid, SIGKILL);
    ++alive;
  }
  return alive;
}

}  // namespace treesmith::init
