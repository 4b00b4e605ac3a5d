// Tokens a step of a recorded search against AIDE's two calls on the same one.
//
//   recorded_tokens [STEPS [BYTES]]  records a search of STEPS (10) with each
//                                    operator set on examples/bikeshare; drafts
//                                    have about BYTES (6000)
//   recorded_tokens RUN CASSETTE     of a run that you recorded yourself:
//                                    `treesmith run --record CASSETTE`
//
// The recording: the program itself against a stub server that answers with
// scripts of the builtin coder, which run, and the plan that models put in
// front of one; improvements mostly as edits, every sixth with a bug, repaired
// later. 25 answers of a strong model to AIDE's prompts had 950 bytes of plan
// and 7,250 of script in the mean, a cross-validation of its own included, for
// which ours leave no reason. BYTES 0: drafts as short as the builtin's.
// "ours": all calls of the steps, asked and answered, those for answers that
// could not be used too; not the report's, and none for the first draft, which
// is the program's own. AIDE's two calls for the same nodes, that one included:
// a code question (task, all good nodes with plan, summary and metric, the
// parent's script, what it printed where it is repaired), a plan and a whole
// script back; then a review of script and output. Twice: "own" with the words
// of aideml 0.2.2 (measured bytes), whose prompts tell less; "told alike" with
// the front of our questions, so that both know the same. Tokens are bytes / 4.
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): setenv is POSIX

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>

#include "base/check.h"
#include "base/file.h"
#include "engine/run_reader.h"
#include "llm/json_node.h"
#include "script_writer.h"
#include "table/preview.h"
#include "table/profile_maker.h"
#include "testing/http/stub_llm_server.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// What a model writes before a script.
constexpr size_t kPlanBytes = 950;
constexpr size_t kDraftBytes = 6'000;
// Two or three sentences of summary and the other fields of a review.
constexpr size_t kSummaryBytes = 350;
constexpr size_t kReviewBytes = kSummaryBytes + 80;
// aideml 0.2.2: what a prompt holds beside task, memory, script, output and
// data; the review's schema is a part of its question.
constexpr size_t kDraftWords = 2'761;
constexpr size_t kImproveWords = 2'500;
constexpr size_t kDebugWords = 2'173;
constexpr size_t kReviewWords = 342 + 867;
// Of a block of its memory, beside plan, summary and metric.
constexpr size_t kMemoryWords = 75;
constexpr size_t kMostOutput = 5'100;

// What a cassette has of one step.
struct StepCalls {
  int calls = 0;
  size_t front = 0;  // system and prefix
  size_t tail = 0;   // the operator's question, scripts and all
  size_t turns = 0;  // asked again
  size_t answers = 0;

  [[nodiscard]] size_t bytes() const { return front + tail + turns + answers; }
  StepCalls& operator+=(const StepCalls& more) {
    calls += more.calls;
    front += more.front;
    tail += more.tail;
    turns += more.turns;
    answers += more.answers;
    return *this;
  }
};

std::map<int64_t, StepCalls> ReadCassette(const fs::path& path) {
  const Result<std::string> text = ReadFile(path);
  CHECK(text.ok());
  std::map<int64_t, StepCalls> steps;
  size_t at = 0;
  while (at < text->size()) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const auto line = JsonDocument::Parse(text->substr(at, end - at));
    at = end + 1;
    if (!line || !line->root()["request"].IsObject()) continue;
    const JsonNode request = line->root()["request"];
    if (request["purpose"].Text() == "report") continue;
    StepCalls& step = steps[request["step"].Integer().value_or(0)];
    ++step.calls;
    step.front +=
        request["system"].Text().size() + request["prefix"].Text().size();
    step.tail +=
        request["tail"].Text().size() + request["measured"].Text().size();
    step.answers += line->root()["answer"]["reply"]["text"].Text().size();
    for (size_t i = 0; i < request["turns"].size(); ++i) {
      const JsonNode turn = request["turns"].At(i);
      step.turns +=
          turn["user"].Text().size() + turn["assistant"].Text().size();
    }
  }
  return steps;
}

// The same search, as AIDE would have asked for it.
class Aide {
 public:
  Aide(const RunRecord& record, size_t goal, size_t preview, size_t front)
      : record_(record), goal_(goal), preview_(preview), front_(front) {}

  void Step(const Node& node) {
    size_t code = 0;
    size_t words = kImproveWords;
    if (node.op == Operator::kDraft) words = kDraftWords + preview_;
    if (node.op == Operator::kDebug) words = kDebugWords + preview_;
    if (node.op != Operator::kDebug) code += memory_;
    for (const NodeId id : node.parents) {
      const Node& parent = record_.state->tree().at(id);
      code += Bytes(parent.script);
      if (node.op == Operator::kDebug) code += OutputOf(parent);
    }
    const size_t plan = std::min(node.plan.size(), kPlanBytes);
    const size_t script = Bytes(node.script);
    const size_t shared =
        code + plan + script + script + OutputOf(node) + kReviewBytes;
    own_ += shared + words + goal_ + kReviewWords + goal_;
    alike_ += shared + front_ + kReviewWords + goal_;
    scripts_ += script;
    if (!node.buggy()) memory_ += kMemoryWords + plan + kSummaryBytes;
  }
  [[nodiscard]] size_t own() const { return own_; }
  [[nodiscard]] size_t alike() const { return alike_; }
  [[nodiscard]] size_t scripts() const { return scripts_; }

 private:
  [[nodiscard]] size_t Bytes(Hash128 hash) const {
    return hash.IsZero() ? 0 : record_.store->ReadBlob(hash)->size();
  }
  [[nodiscard]] size_t OutputOf(const Node& node) const {
    return std::min(Bytes(node.output), kMostOutput);
  }

  const RunRecord& record_;
  size_t goal_;
  size_t preview_;
  size_t front_;
  size_t memory_ = 0;
  size_t own_ = 0;
  size_t alike_ = 0;
  size_t scripts_ = 0;
};

void PrintRow(size_t steps, const StepCalls& ours, const Aide& aide) {
  const auto mean = [steps](size_t bytes) {
    return static_cast<double>(bytes) / 4 / static_cast<double>(steps);
  };
  const auto share = [&](size_t theirs) {
    return static_cast<double>(ours.bytes()) / static_cast<double>(theirs);
  };
  std::printf(
      "%6zu %6d %8.0f (%5.0f %5.0f %5.0f %5.0f) %10.0f %6.2f %10.0f %6.2f "
      "%8.0f\n",
      steps, ours.calls, mean(ours.bytes()), mean(ours.front), mean(ours.tail),
      mean(ours.turns), mean(ours.answers), mean(aide.own()), share(aide.own()),
      mean(aide.alike()), share(aide.alike()), mean(aide.scripts()) * 4);
}

void Compare(const fs::path& run, const fs::path& cassette, const Task& task) {
  const std::map<int64_t, StepCalls> steps = ReadCassette(cassette);
  CHECK(!steps.empty());
  const StepCalls& first = steps.begin()->second;
  const Result<RunRecord> record = ReadRun(run);
  CHECK(record.ok());
  const Result<std::string> preview = Preview(task.folder);
  CHECK(preview.ok());
  Aide aide(*record, task.goal.size(), preview->size(),
            first.front / static_cast<size_t>(first.calls));
  std::printf("%6s %6s %8s (%5s %5s %5s %5s) %10s %6s %10s %6s %8s\n", "steps",
              "calls", "ours", "front", "rest", "again", "answ.", "AIDE: own",
              "share", "told alike", "share", "script B");
  StepCalls ours;
  const NodeSnapshot nodes = record->state->tree().Nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    aide.Step(nodes[i]);
    const auto asked = steps.find(nodes[i].step.value);
    if (asked != steps.end()) ours += asked->second;
    const size_t done = i + 1;
    if (done == nodes.size() || done == 10 || done == 20 || done == 50) {
      PrintRow(done, ours, aide);
    }
  }
}

void Record(const Task& task, const std::string& set, const std::string& steps,
            size_t draft_bytes) {
  const Result<Profile> profile = MakeProfile(task);
  CHECK(profile.ok());
  ScriptWriter writer(task, *profile, kPlanBytes, draft_bytes);
  const StubLlmServer server([&](const StubRequest& request) {
    return StubAnswer{.text = writer.Answer(request.body)};
  });
  const TemporaryFolder folder = *TemporaryFolder::Make("recorded_tokens");
  const fs::path config = folder.path() / "config.toml";
  const fs::path cassette = folder.path() / "calls.jsonl";
  CHECK(WriteFile(config,
                  "[models.stub]\nprovider = \"compatible\"\n"
                  "base_url = \"" +
                      server.url() + "\"\n")
            .ok());
  const std::string command =
      "'" TREESMITH_PROGRAM "' run '" + task.folder.string() +
      "' --coder stub --folds 1 --seed 1 --workers 1 --requests 1 "
      "--operators " +
      set + " --steps " + steps + " --config '" + config.string() +
      "' --out '" + folder.path().string() + "' --record '" +
      cassette.string() + "' >/dev/null 2>&1 </dev/null";
  CHECK(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe)
  std::printf("%s\n", set.c_str());
  Compare(folder.path() / (task.name + "-1"), cassette, task);
}

int Run(int argc, char** argv) {
  if (argc == 3 && std::filesystem::exists(argv[1])) {
    const Result<RunRecord> record = ReadRun(argv[1]);
    CHECK(record.ok());
    const Result<Task> task = LoadTask(record->config.task_folder, {});
    CHECK(task.ok());
    Compare(argv[1], argv[2], *task);
    return 0;
  }
  const Result<Task> task =
      LoadTask(TREESMITH_SOURCE_DIR "/examples/bikeshare", {});
  CHECK(task.ok());
  for (const char* set : {"aira", "aide"}) {
    Record(*task, set, argc > 1 ? argv[1] : "10",
           argc > 2 ? std::strtoul(argv[2], nullptr, 10) : kDraftBytes);
  }
  return 0;
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) { return treesmith::Run(argc, argv); }
