#include "engine/worker_pool.h"

#include <utility>

namespace treesmith {

WorkerPool::WorkerPool(int threads, Channel<Arrival>& out) : out_(out) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { Work(stop); });
  }
}

void WorkerPool::StopAll() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void WorkerPool::Work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::optional<Job> job = jobs_.Receive(stop);
    if (!job || stop.stop_requested()) return;
    out_.Send((*job)(stop));
  }
}

}  // namespace treesmith
