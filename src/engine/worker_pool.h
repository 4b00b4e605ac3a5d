// WorkerPool: threads that run jobs and send what came of them to one channel.
//
// A job is a closure that owns copies of all it needs. Every job ends soon
// after its pool's stop is asked; the destructor waits for that.
#pragma once

#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/channel.h"
#include "engine/arrival.h"

namespace treesmith {

class WorkerPool {
 public:
  using Job = std::function<Arrival(std::stop_token)>;

  // Arrivals go to `out`, which must outlive the pool.
  WorkerPool(int threads, Channel<Arrival>& out);
  ~WorkerPool() { StopAll(); }

  [[nodiscard]] int size() const { return static_cast<int>(threads_.size()); }
  // Never blocks; the job waits for a free thread.
  void Start(Job job) { jobs_.Send(std::move(job)); }
  // Asks running jobs to stop and drops waiting ones. None starts afterwards.
  void StopAll();

 private:
  void Work(std::stop_token stop);

  Channel<Arrival>& out_;
  Channel<Job> jobs_;
  std::vector<std::jthread> threads_;
};

}  // namespace treesmith
