#include "table/init_file.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "table/task_file.h"

namespace treesmith {
namespace {

class Comments {
 public:
  void Add(const std::string& key, std::string line) {
    lines_[key].push_back(std::move(line));
  }
  // For a key of which nothing was said yet.
  void AddFirst(const std::string& key, std::string line) {
    if (!lines_.contains(key)) Add(key, std::move(line));
  }
  [[nodiscard]] const TaskComments& lines() const { return lines_; }

 private:
  TaskComments lines_;
};

void AddReasons(const Inference& made, Comments& comments) {
  for (const InferenceReason& reason : made.reasons) {
    if (reason.key.empty() || reason.key == "extra") {
      comments.Add("extra", reason.what + ": " + reason.why);
    } else {
      comments.Add(reason.key, reason.why);
    }
  }
}

void AddDefaults(const Task& task, Comments& comments) {
  std::error_code ignored;
  const auto folder = std::filesystem::weakly_canonical(task.folder, ignored);
  if (task.name == folder.filename()) {
    comments.AddFirst("name", "the folder's name");
  }
  for (const char* key : {"name", "train", "target", "id", "metric", "split"}) {
    comments.AddFirst(key, "as stated");
  }
  for (const auto& [key, file] :
       {std::pair{"test", &task.test},
        std::pair{"sample_submission", &task.sample_submission}}) {
    comments.AddFirst(key, file->empty() ? "none is there" : "as stated");
  }
  comments.AddFirst(
      "mode", "the host scores scripts on rows whose labels they never see");
  comments.AddFirst("folds", task.folds > 0
                                 ? "as stated"
                                 : "5 up to 50,000 rows with a label, 3 up to "
                                   "500,000, else one hold-out");
  comments.AddFirst("script_timeout", "limit of one run of a script");
  if (task.memory_bytes == 0) {
    comments.AddFirst("memory",
                      "memory is what the machine has, shared by the scripts "
                      "that run at once; memory = \"4GiB\" would limit each");
  }
}

}  // namespace

std::string InitFileText(const Inference& made) {
  Task task = made.task;
  if (!made.split.empty()) task.split = made.split;
  Comments comments;
  comments.Add("",
               "What treesmith inferred of this folder. Change any line; what "
               "is taken out is");
  comments.Add("", "inferred again.");
  AddReasons(made, comments);
  AddDefaults(task, comments);
  return TaskFileText(task, comments.lines());
}

}  // namespace treesmith
