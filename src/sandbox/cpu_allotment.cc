#include "sandbox/cpu_allotment.h"

#include <sched.h>

#include <algorithm>
#include <utility>

namespace treesmith {

CpuAllotment::Lease::Lease(Shared shared, std::vector<int> cpus)
    : shared_(std::move(shared)), cpus_(std::move(cpus)) {}

CpuAllotment::Lease::~Lease() {
  if (shared_ == nullptr) return;
  auto processors = shared_->Lock();
  for (Processor& processor : *processors) {
    if (std::ranges::count(cpus_, processor.number) > 0) --processor.users;
  }
}

CpuAllotment::CpuAllotment(const std::vector<int>& cpus) {
  std::vector<Processor> processors;
  processors.reserve(cpus.size());
  for (const int cpu : cpus) processors.push_back({cpu, 0});
  shared_ =
      std::make_shared<Guarded<std::vector<Processor>>>(std::move(processors));
}

CpuAllotment CpuAllotment::OfThisProcess() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
  }
  return CpuAllotment(cpus);
}

CpuAllotment::Lease CpuAllotment::Take(int threads) const {
  std::vector<int> taken;
  {
    auto processors = shared_->Lock();
    std::ranges::stable_sort(*processors, {}, &Processor::users);
    const size_t wanted = threads <= 0 ? processors->size()
                                       : std::min(processors->size(),
                                                  static_cast<size_t>(threads));
    for (size_t i = 0; i < wanted; ++i) {
      ++(*processors)[i].users;
      taken.push_back((*processors)[i].number);
    }
  }
  std::ranges::sort(taken);
  return {shared_, std::move(taken)};
}

}  // namespace treesmith
