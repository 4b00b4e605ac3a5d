#include "app/run_task.h"

#include <utility>

#include "evaluation/seals.h"
#include "table/task_file.h"

namespace treesmith {

Result<Task> TaskOfRun(const RunRecord& record, const std::string& folder,
                       const std::string& act) {
  const std::string place = folder.empty() ? record.config.task_folder : folder;
  TRY_ASSIGN(Task task, ParseTaskFile(record.config.task_text, place));
  task.goal = record.config.goal;
  const auto& started = std::get<RunStarted>(record.events.front().body);
  if (!started.seals.empty()) {
    TRY_ASSIGN(const Seals then, DecodeSeals(started.seals));
    Seals now = then;
    TRY_ASSIGN(now.files, SealFiles(task));
    const std::string broken = BrokenSeals(then, now);
    if (!broken.empty()) {
      return BadInput(act + ": " + broken,
                      "--task FOLDER names where the files are that it was "
                      "started with");
    }
  }
  TRY_ASSIGN(const Hash128 digest, DigestTask(task));
  if (digest != started.task_digest) {
    return BadInput(act + ": the task's files in " + place +
                        " are not those it was started with",
                    "--task FOLDER names where they are");
  }
  return task;
}

}  // namespace treesmith
