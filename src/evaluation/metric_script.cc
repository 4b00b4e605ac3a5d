#include "evaluation/metric_script.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "base/unique_fd.h"
#include "evaluation/metric_server.h"
#include "table/task_metric.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using Time = std::chrono::steady_clock::time_point;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kStartLimit{60'000};
// How often a wait looks whether the process is still there.
constexpr std::chrono::milliseconds kGlance{100};
// An answer is a number for each weighting or a short text.
constexpr int64_t kMostAnswerBytes = 1 << 20;
constexpr size_t kRemembered = 512;
constexpr size_t kTriedRows = 1000;

Error ScriptError(const std::string& name, const std::string& cause) {
  return BadInput("score by " + name + ": " + cause);
}

std::string WhyEnded(const std::string& detail) {
  return "it ended" + (detail.empty() ? "" : ": " + detail);
}

Error Cancelled(const std::string& name) {
  return {ErrorKind::kCancelled, "score by " + name + ": stopped"};
}

template <typename T>
void Append(std::string& bytes, std::span<const T> values) {
  bytes.append(reinterpret_cast<const char*>(values.data()),
               values.size_bytes());
}

// As metric_server.h has it.
std::string Question(const Truth& truth, PredictionView prediction,
                     std::span<const std::vector<double>> weightings) {
  const auto rows = static_cast<int64_t>(truth.rows());
  std::string bytes;
  const std::array<int64_t, 4> head = {rows, truth.columns, prediction.columns,
                                       static_cast<int64_t>(weightings.size())};
  Append<int64_t>(bytes, head);
  Append<double>(bytes, truth.values);
  Append<float>(bytes, prediction.values);
  std::vector<uint32_t> counts(truth.rows());
  for (const std::vector<double>& weights : weightings) {
    std::ranges::transform(weights, counts.begin(), [](double weight) {
      return static_cast<uint32_t>(weight);
    });
    Append<uint32_t>(bytes, counts);
  }
  return bytes;
}

// How labels are written, as numbers where all of them are.
std::string Form(const Task& task, const Target& target) {
  const bool numbers = std::ranges::all_of(
      target.classes,
      [](const std::string& text) { return ParseNumber(text).has_value(); });
  auto classes = nlohmann::json::array();
  for (const std::string& text : target.classes) {
    if (numbers) {
      classes.push_back(*ParseNumber(text));
    } else {
      classes.push_back(text);
    }
  }
  const nlohmann::json form = {{"needs", task.metric_needs},
                               {"classes", classes}};
  return form.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Some true values, and a prediction that is right, or (`shift` 1) that says of
// each row what is true of the next.
struct Trial {
  Truth truth;
  std::vector<float> prediction;
  int columns = 1;
};

Trial TrialOf(const Target& target, size_t shift) {
  std::vector<int32_t> rows;
  for (int64_t row = 0; row < target.rows() && rows.size() < kTriedRows;
       ++row) {
    if (target.Labelled(row)) rows.push_back(static_cast<int32_t>(row));
  }
  Trial trial;
  trial.truth = TruthOf(target, rows);
  trial.columns = target.columns();
  const bool columns = target.kind == SubmissionKind::kClassColumns;
  if (columns) trial.columns = static_cast<int>(target.classes.size());
  const std::vector<double>& values = trial.truth.values;
  const size_t step = shift * static_cast<size_t>(target.columns());
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = values[(i + step) % values.size()];
    for (int c = 0; columns && c < trial.columns; ++c) {
      trial.prediction.push_back(value == c ? 1.0F : 0.0F);
    }
    if (!columns) trial.prediction.push_back(static_cast<float>(value));
  }
  return trial;
}

}  // namespace

class MetricScript::Process {
 public:
  static Result<std::unique_ptr<Process>> Make(
      const Task& task, const Target& target, Sandbox& sandbox,
      const MetricScriptOptions& options) {
    TRY_ASSIGN(const std::string code,
               ReadFile(task.folder / task.metric_script));
    TRY_ASSIGN(TemporaryFolder folder, TemporaryFolder::Make("metric"));
    TRY(WriteFile(folder.path() / "metric.py", code));
    TRY(WriteFile(folder.path() / "form.json", Form(task, target)));
    return std::unique_ptr<Process>(
        new Process(task.metric_script, std::move(folder), sandbox, options));
  }

  Result<std::vector<double>> Ask(
      const Truth& truth, PredictionView prediction,
      std::span<const std::vector<double>> weightings) {
    const std::stop_token stop = StopOfThisThread();
    if (stop.stop_requested()) return Refuse();
    const std::string question = Question(truth, prediction, weightings);
    const Hash128 key = HashBytes(question);
    const std::lock_guard lock(mutex_);
    stop_ = stop;
    // The same nodes are compared with again and again.
    if (const auto known = remembered_.find(key); known != remembered_.end()) {
      return known->second;
    }
    if (!running()) TRY(Launch());
    TRY_ASSIGN(const std::string bytes,
               Exchange(question, steady_clock::now() + options_.answer_limit));
    const size_t expected = std::max<size_t>(weightings.size(), 1);
    std::vector<double> scores(expected);
    if (bytes.size() != expected * sizeof(double)) {
      return Fail("its answer cannot be read");
    }
    std::memcpy(scores.data(), bytes.data(), bytes.size());
    if (remembered_.size() == kRemembered) remembered_.clear();
    remembered_[key] = scores;
    return scores;
  }

  // Of the calling thread, until Forget.
  void Heed(std::stop_token stop) {
    const bool first = heeded_.Lock()
                           ->try_emplace(std::this_thread::get_id(),
                                         Heeded{std::move(stop), false})
                           .second;
    CHECK(first);
  }
  void Forget() { heeded_.Lock()->erase(std::this_thread::get_id()); }
  bool refused() {
    return heeded_.Lock()->at(std::this_thread::get_id()).refused;
  }

 private:
  struct Heeded {
    std::stop_token stop;
    bool refused = false;
  };

  Process(std::string name, TemporaryFolder folder, Sandbox& sandbox,
          const MetricScriptOptions& options)
      : name_(std::move(name)),
        folder_(std::move(folder)),
        sandbox_(sandbox),
        options_(options) {}

  [[nodiscard]] bool running() const { return runner_.joinable() && !ended_; }

  std::stop_token StopOfThisThread() {
    auto heeded = heeded_.Lock();
    const auto found = heeded->find(std::this_thread::get_id());
    return found == heeded->end() ? std::stop_token() : found->second.stop;
  }

  // REQUIRES: the thread's stop is asked for
  Error Refuse() {
    heeded_.Lock()->at(std::this_thread::get_id()).refused = true;
    return Cancelled(name_);
  }

  // Ends the process; what it was doing is lost.
  Error Fail(const std::string& cause) {
    Stop();
    return ScriptError(name_, cause);
  }

  void Stop() {
    if (!runner_.joinable()) return;
    runner_.request_stop();
    runner_.join();
    runner_ = {};
  }

  Result<UniqueFd> NewPipe(const char* name) {
    const fs::path path = folder_.path() / name;
    std::error_code ignored;
    fs::remove(path, ignored);
    if (::mkfifo(path.c_str(), 0600) != 0) {
      return ErrnoError("make pipe", path.string());
    }
    // Open for both, so that neither end waits for the other to open.
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return ErrnoError("open", path.string());
    return fd;
  }

  Status Launch() {
    Stop();
    TRY_ASSIGN(request_, NewPipe("request"));
    TRY_ASSIGN(reply_, NewPipe("reply"));
    ended_ = false;
    Job job;
    job.script.code = kMetricServer;
    job.inputs = folder_.path();
    job.limits = options_.limits;
    job.limits.wall = {};
    job.limits.threads = 1;
    runner_ = std::jthread([this, job](std::stop_token stop) {
      const Result<ExecutionResult> result = sandbox_.Run(job, stop);
      // Read by others after `ended_` only.
      end_ = result.ok() ? ScriptError(name_, WhyEnded(result->outcome.detail))
                         : result.error().Wrap("score by " + name_);
      ended_ = true;
    });
    const Result<std::string> greeting =
        Receive(steady_clock::now() + kStartLimit);
    return greeting.ok() ? Status() : greeting.error();
  }

  // Waits until the pipe is ready, the process has ended, the time is up or
  // stop is asked for.
  Status Wait(int fd, int16_t events, Time deadline) {
    while (true) {
      if (stop_.stop_requested()) {
        Stop();
        return Refuse();
      }
      pollfd waited{fd, events, 0};
      const int ready = ::poll(&waited, 1, static_cast<int>(kGlance.count()));
      if (ready > 0) return {};
      if (ended_) {
        Stop();
        return end_;
      }
      if (steady_clock::now() > deadline) {
        return Fail("no answer within " +
                    std::to_string(options_.answer_limit.count() / 1000) +
                    " s; make it faster, or answer from fewer rows");
      }
    }
  }

  Result<std::string> Exchange(const std::string& question, Time deadline) {
    for (size_t sent = 0; sent < question.size();) {
      const ssize_t count = ::write(request_.get(), question.data() + sent,
                                    question.size() - sent);
      if (count > 0) {
        sent += static_cast<size_t>(count);
      } else if (errno == EAGAIN) {
        TRY(Wait(request_.get(), POLLOUT, deadline));
      } else if (errno != EINTR) {
        return ErrnoError("write to", name_);
      }
    }
    return Receive(deadline);
  }

  Result<std::string> Receive(Time deadline) {
    std::array<int64_t, 2> head{};
    std::string bytes(sizeof head, '\0');
    TRY(Read(bytes, deadline));
    std::memcpy(head.data(), bytes.data(), sizeof head);
    const auto [kind, size] = head;
    if (size < 0 || size > kMostAnswerBytes) {
      return Fail("its answer cannot be read");
    }
    bytes.resize(static_cast<size_t>(size));
    TRY(Read(bytes, deadline));
    // It lives on: the next rows may have a score.
    if (kind != 0) return ScriptError(name_, bytes);
    return bytes;
  }

  // Fills `bytes`.
  Status Read(std::string& bytes, Time deadline) {
    for (size_t got = 0; got < bytes.size();) {
      const ssize_t count =
          ::read(reply_.get(), bytes.data() + got, bytes.size() - got);
      if (count > 0) {
        got += static_cast<size_t>(count);
      } else if (count < 0 && errno == EAGAIN) {
        TRY(Wait(reply_.get(), POLLIN, deadline));
      } else if (errno != EINTR) {
        return ErrnoError("read from", name_);
      }
    }
    return {};
  }

  const std::string name_;
  const TemporaryFolder folder_;
  Sandbox& sandbox_;
  const MetricScriptOptions options_;
  Guarded<std::map<std::thread::id, Heeded>> heeded_;
  std::mutex mutex_;      // guards all below
  std::stop_token stop_;  // of the question that is put now
  std::map<Hash128, std::vector<double>> remembered_;
  UniqueFd request_;
  UniqueFd reply_;
  std::atomic<bool> ended_{false};
  Error end_;
  // Last: joined before what it looks at goes.
  std::jthread runner_;
};

MetricScript::MetricScript(std::unique_ptr<Process> process)
    : process_(std::move(process)) {}
MetricScript::~MetricScript() = default;

Result<std::unique_ptr<MetricScript>> MetricScript::Start(
    const Task& task, const Target& target, Sandbox& sandbox,
    const MetricScriptOptions& options, std::stop_token stop) {
  TRY_ASSIGN(auto process, Process::Make(task, target, sandbox, options));
  std::unique_ptr<MetricScript> script(new MetricScript(std::move(process)));
  const Heed heed(*script, std::move(stop));
  std::optional<Error> first;
  // Some scores are not defined where all is right.
  for (const size_t shift : {0, 1}) {
    const Trial trial = TrialOf(target, shift);
    const auto scores =
        script->Score(trial.truth, {trial.prediction, trial.columns}, {});
    if (scores.ok()) return script;
    if (heed.cancelled()) return scores.error();
    if (!first) first = scores.error();
  }
  return *first;
}

Result<std::vector<double>> MetricScript::Score(
    const Truth& truth, PredictionView prediction,
    std::span<const std::vector<double>> weightings) const {
  return process_->Ask(truth, prediction, weightings);
}

MetricScript::Heed::Heed(const MetricScript& script, std::stop_token stop)
    : script_(script) {
  script_.process_->Heed(std::move(stop));
}
MetricScript::Heed::~Heed() { script_.process_->Forget(); }
bool MetricScript::Heed::cancelled() const {
  return script_.process_->refused();
}

Result<TaskMetric> OpenMetric(const Task& task, const Target& target,
                              Sandbox& sandbox, const Limits& limits,
                              std::stop_token stop) {
  TRY_ASSIGN(const Metric metric, MetricOf(task));
  if (task.metric != "custom") return TaskMetric{nullptr, metric};
  TRY_ASSIGN(auto script,
             MetricScript::Start(task, target, sandbox, {.limits = limits},
                                 std::move(stop)));
  const MetricScript* external = script.get();
  return TaskMetric{std::move(script),
                    CustomMetric(metric.direction(), metric.needs(), external)};
}

}  // namespace treesmith
