#include "engine/artifacts.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "code/own_code.h"
#include "engine/run_reader.h"
#include "evaluation/blend_program.h"
#include "table/csv_scan.h"

namespace treesmith {
namespace {

// What the sandbox does for a script, for somebody who has only the script.
constexpr std::string_view kPrologue = R"py(
# Laid out by treesmith, so that this file runs by itself:
#   python solution.py [TASK_FOLDER]      (default: the current folder)
# The script reads input/ and writes working/submission.csv.
import gzip as _gzip
import os as _os
import shutil as _shutil
import sys as _sys

if _os.path.isdir("input"):
    if len(_sys.argv) > 1:
        _sys.exit(f"input/ is here already: remove it before {_sys.argv[1]} is laid out, or name no folder")
else:
    _task = _os.path.abspath(_sys.argv[1] if len(_sys.argv) > 1 else ".")
    _files = [f for f in sorted(_os.listdir(_task)) if _os.path.isfile(_os.path.join(_task, f))]
    _os.makedirs("input")
    for _name in _files:
        _path = _os.path.join(_task, _name)
        if _name.endswith(".gz"):
            with _gzip.open(_path) as _packed, open(_os.path.join("input", _name[:-3]), "wb") as _plain:
                _shutil.copyfileobj(_packed, _plain)
        else:
            _os.symlink(_path, _os.path.join("input", _name))
_os.makedirs("working", exist_ok=True)
# Threads that wait must not spin: on a busy machine that costs ten times.
_os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
_sys.argv = _sys.argv[:1]

)py";

// Copying is to cost at most a twentieth of the time.
constexpr std::chrono::milliseconds kSnapshotEvery{10'000};
constexpr int kSnapshotPause = 20;

std::string Title(const RunState& state, NodeId id) {
  const Node& node = state.tree().at(id);
  std::string title = "# Node " + std::to_string(id.value) + " (" + node.change;
  if (node.score && node.score->value.present()) {
    title += ", score " + std::to_string(node.score->value.value());
  }
  return title + ") of a treesmith run.\n";
}

Status WriteScript(const RunState& state, RunStore& store, NodeId id,
                   const std::filesystem::path& path) {
  TRY_ASSIGN(const std::string code,
             store.ReadBlob(state.tree().at(id).script));
  TRY(MakeFolders(path.parent_path()));
  return WriteFile(path, StandAlone(code, Title(state, id)));
}

Status WriteEnsemble(const RunState& state, RunStore& store,
                     const Answer& answer,
                     const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (answer.choice->members.size() < 2) return {};
  for (const Member& member : answer.choice->members) {
    TRY(WriteScript(state, store, member.node,
                    folder / MemberFile(member.node)));
  }
  if (answer.program.IsZero()) return {};
  TRY_ASSIGN(const std::string program, store.ReadBlob(answer.program));
  return WriteFile(folder / "run.py", program);
}

}  // namespace

std::string StandAlone(const std::string& code, const std::string& title) {
  std::string_view script = code;
  // Python takes it at the front of a file only.
  if (script.starts_with(kByteOrderMark)) {
    script.remove_prefix(kByteOrderMark.size());
  }
  const size_t begin = OwnCodeBegin(script);
  std::string text = title;
  text += script.substr(0, begin);
  if (begin > 0) text += '\n';
  text += kPrologue;
  text += script.substr(begin);
  return text;
}

Status WriteArtifacts(const RunState& state, RunStore& store,
                      const Answer* answer,
                      const std::filesystem::path& folder) {
  std::optional<NodeId> best = state.tree().best();
  Hash128 submission;
  if (answer != nullptr && answer->choice) {
    best = answer->choice->best;
    if (answer->choice->members.size() == 1) {
      best = answer->choice->members.front().node;
    }
    submission = answer->submission;
    TRY(WriteEnsemble(state, store, *answer, EnsembleOf(folder)));
  } else if (best) {
    const Refitted* refit = state.refit(*best);
    if (refit != nullptr && refit->usable()) submission = refit->submission;
  }
  if (best) TRY(WriteScript(state, store, *best, BestScriptOf(folder)));
  if (answer != nullptr && !answer->report.IsZero()) {
    TRY_ASSIGN(const std::string text, store.ReadBlob(answer->report));
    TRY(WriteFile(folder / "report.md", text));
  }
  if (submission.IsZero()) {
    // While the search goes on, an earlier node's is better than none.
    if (answer == nullptr) return {};
    std::error_code ignored;
    std::filesystem::remove(SubmissionOf(folder), ignored);
    return {};
  }
  TRY_ASSIGN(const std::string bytes, store.ReadBlob(submission));
  return WriteFile(SubmissionOf(folder), bytes);
}

void ArtifactWriter::OnEvent(const Event& event, const RunView& view) {
  const std::optional<NodeId> best = view.state.tree().best();
  if (!best) return;
  const bool node = std::holds_alternative<NodeAdded>(event.body) &&
                    best->index() + 1 == view.state.tree().size();
  const auto* refit = std::get_if<Refitted>(&event.body);
  if (!node && (refit == nullptr || refit->node != *best)) return;
  const Status written = WriteArtifacts(view.state, store_, nullptr, folder_);
  // The log has it all; the files can be made again.
  if (!written.ok()) LOG(kWarning, "run", written.error().message);
}

void SnapshotKeeper::OnTick(const RunView& view) {
  if (!store_.exclusive() || view.elapsed < next_) return;
  const auto begun = std::chrono::steady_clock::now();
  const Status written = store_.WriteSnapshot();
  if (!written.ok()) LOG(kWarning, "engine", written.error().message);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  next_ = view.elapsed + std::max(kSnapshotEvery, kSnapshotPause * took);
}

}  // namespace treesmith
