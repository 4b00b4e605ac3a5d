#include "testing/run_harness.h"

#include <utility>

namespace treesmith {

std::optional<Proposal> SimplePolicy::Next(const Tree& tree, Rng& rng,
                                           std::chrono::milliseconds) {
  const int drafts =
      static_cast<int>(tree.drafts().size()) + tree.drafts_in_flight();
  if (drafts < drafts_) return Proposal{Operator::kDraft, {}, "more drafts"};
  const auto buggy = tree.buggy_leaves();
  if (!buggy.empty() && rng.Uniform() < 0.5) {
    const NodeId leaf = buggy[rng.Below(buggy.size())];
    return Proposal{Operator::kDebug, {leaf}, "repair a leaf"};
  }
  if (!tree.best()) return Proposal{Operator::kDraft, {}, "nothing is good"};
  return Proposal{Operator::kImprove, {*tree.best()}, "improve the best"};
}

Result<Finished> RunHarness::Run(std::stop_token interrupt) {
  const bool exists = std::filesystem::exists(options_.database);
  Result<RunStore> store =
      exists ? RunStore::Open(options_.database, RunStore::Mode::kReadWrite)
             : RunStore::Create(options_.database);
  if (!store.ok()) return std::move(store).error();
  store_ = std::make_unique<RunStore>(*std::move(store));
  engine_ = std::make_unique<Engine>(
      options_.config,
      EngineParts{*store_, *coder_, *evaluator_used_, policy_, clock_,
                  options_.observers, ledger_, review_, report_});
  TRY(engine_->Restore());
  if (engine_->state().finished() && !options_.go_on) {
    return *engine_->state().finished();
  }
  if (exists) {
    TRY(engine_->Append(Resumed{"{}"}));
  } else {
    TRY(engine_->Append(RunStarted{
        EncodeConfig(options_.config), options_.config.seed, {}, ""}));
    if (!options_.profile.empty()) {
      const Hash128 profile = HashBytes(options_.profile);
      TRY(engine_->Append(FoldsCut{"", profile},
                          {{profile, options_.profile}}));
    }
  }
  TRY_ASSIGN(const std::string reason, engine_->Search(interrupt));
  return engine_->Finish(reason, interrupt);
}

Result<std::vector<std::string>> CanonicalLog(
    const std::filesystem::path& database) {
  TRY_ASSIGN(RunStore store,
             RunStore::Open(database, RunStore::Mode::kReadOnly));
  std::vector<std::string> lines;
  TRY(store.ForEachEvent([&](const Event& event) -> Status {
    if (auto line = CanonicalEvent(event.body)) {
      lines.push_back(*std::move(line));
    }
    return {};
  }));
  return lines;
}

}  // namespace treesmith
