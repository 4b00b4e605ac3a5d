// CpuAllotment: deals this process's processors to runs, the least used first.
#pragma once

#include <memory>
#include <vector>

#include "base/guarded.h"

namespace treesmith {

class CpuAllotment {
 private:
  struct Processor {
    int number;
    int users;
  };
  // Owned by the allotment and by each lease, whichever lives longer.
  using Shared = std::shared_ptr<Guarded<std::vector<Processor>>>;

 public:
  // Processors held for one run; given back when it dies.
  class Lease {
   public:
    Lease(Shared shared, std::vector<int> cpus);
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    [[nodiscard]] const std::vector<int>& cpus() const { return cpus_; }

   private:
    Shared shared_;
    std::vector<int> cpus_;
  };

  explicit CpuAllotment(const std::vector<int>& cpus);
  // Those that this process may run on.
  static CpuAllotment OfThisProcess();

  // `threads` processors, all of them for 0 or for more than there are. Any
  // thread.
  [[nodiscard]] Lease Take(int threads) const;

 private:
  Shared shared_;
};

}  // namespace treesmith
