// Scoring and bootstrapping one fold of 100,000 rows, against scikit-learn
// scoring the same fold once (where a Python with it is given).
//
//   score_bootstrap [PYTHON]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "score/bootstrap.h"

namespace treesmith {
namespace {

constexpr uint32_t kRows = 100'000;
constexpr int kRounds = 7;

double MedianMilliseconds(const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - start;
    times.push_back(spent.count());
  }
  std::ranges::sort(times);
  return times[kRounds / 2];
}

struct Fold {
  Truth truth;
  std::vector<float> prediction;
};

Fold MakeFold(const Metric& metric) {
  Rng rng(1);
  const bool number = metric.target() == TargetType::kNumber;
  Fold fold;
  fold.truth.classes = number ? 0 : 2;
  for (uint32_t i = 0; i < kRows; ++i) {
    const double truth = static_cast<double>(rng.Below(2));
    const double score = (truth + 2 * rng.Uniform()) / 3;
    fold.truth.values.push_back(number ? truth + rng.Uniform() : truth);
    fold.prediction.push_back(static_cast<float>(
        metric.needs() == Needs::kLabel ? (score > 0.5 ? 1 : 0) : score));
  }
  return fold;
}

void PrintRow(std::string_view name) {
  const Metric metric = *FindMetric(name);
  const Fold fold = MakeFold(metric);
  Rng rng(2);
  const BootstrapPlan plan(kRows, rng);
  const HiddenRows rows = {fold.truth};
  const PredictionView prediction = {fold.prediction};
  const double score = MedianMilliseconds(
      [&] { std::ignore = ScoreFolds(metric, rows, prediction); });
  const double draws = MedianMilliseconds(
      [&] { std::ignore = Replicates(metric, rows, prediction, plan); });
  std::printf("%-12s %8.1f ms %10.1f ms %8.1f ms\n",
              metric.short_name().c_str(), score, draws, score + draws);
}

constexpr const char* kPeer =
    "import time, numpy as np, sklearn, sklearn.metrics as m\n"
    "r = np.random.default_rng(1); y = r.integers(0, 2, 100000)\n"
    "p = (y + 2 * r.random(100000)) / 3\n"
    "def t(f):\n"
    "    x = []\n"
    "    for _ in range(7):\n"
    "        s = time.perf_counter(); f(); x.append(time.perf_counter() - s)\n"
    "    return 1e3 * sorted(x)[3]\n"
    "i = r.integers(0, 100000, 100000)\n"
    "print('scikit-learn', sklearn.__version__, 'auc once: %.1f ms; "
    "200 draws would take %.0f ms' % (t(lambda: m.roc_auc_score(y, p)), "
    "200 * t(lambda: m.roc_auc_score(y[i], p[i]))))\n"
    "print('rmse once: %.1f ms; 200 draws would take %.0f ms' % "
    "(t(lambda: m.root_mean_squared_error(y, p)), 200 * t(lambda: "
    "m.root_mean_squared_error(y[i], p[i]))))\n";

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  std::printf("%u rows, %d draws, median of %d, one of %u threads\n",
              treesmith::kRows, treesmith::BootstrapPlan::kResamples,
              treesmith::kRounds, std::thread::hardware_concurrency());
  std::printf("%-12s %11s %13s %11s\n", "metric", "score", "draws", "both");
  for (const char* name :
       {"auc", "rmse", "mae", "logloss", "accuracy", "f1_macro", "gini",
        "medae", "spearman", "c_index"}) {
    treesmith::PrintRow(name);
  }
  std::printf("the plan of a run, once: %.1f ms\n",
              treesmith::MedianMilliseconds([] {
                treesmith::Rng rng(2);
                const treesmith::BootstrapPlan plan(treesmith::kRows, rng);
              }));
  if (argc < 2) return 0;
  std::fflush(stdout);
  // The last thing to do, so this process becomes the peer.
  execlp(argv[1], argv[1], "-c", treesmith::kPeer, nullptr);
  std::perror("start the peer");
  return 1;
}
