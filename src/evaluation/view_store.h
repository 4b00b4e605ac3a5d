// ViewStore: the folders that scripts see as input/, made when first needed.
//
// Views are the same for every node, so each is written once and then only
// read; it is hashed each time it is handed out, and written again where a
// script changed it (without a sandbox one can). Any thread; two that want the
// same view wait for one another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "base/file.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "base/result.h"
#include "table/fold_plan.h"
#include "table/target.h"
#include "table/task_file.h"
#include "table/view.h"

namespace treesmith {

struct View {
  std::filesystem::path folder;
  // Of the names and contents of its files.
  Hash128 hash;
};

class ViewStore {
 public:
  // Borrows all but `folder`, which it fills and removes in the end. `seed`: of
  // samples.
  ViewStore(const Task& task, const TaskTables& tables, const Target& target,
            const FoldPlan& plan, uint64_t seed, TemporaryFolder folder);

  // The folder of a unit's train, test and sample submission. With a share
  // under 1 train holds a fixed sample of its rows (design 5.5).
  Result<View> Unit(int unit, double train_share);
  // The task's own files, unpacked; of train a sample as above.
  Result<View> Refit(double train_share);
  // A new empty folder for one job's wanted files.
  Result<TemporaryFolder> Outbox();

 private:
  struct Slot {
    std::mutex making;
    std::optional<Hash128> hash;  // once made
  };
  // A unit (the refit: -1) and a share.
  using Key = std::pair<int, double>;
  using Slots = std::map<Key, std::unique_ptr<Slot>>;
  // Fills a folder from train's rows with these flags; none: from all.
  using Writer = std::function<Status(const std::filesystem::path& folder,
                                      std::span<const uint8_t> sample)>;

  Result<View> HandOut(Key key, const Writer& write);

  const Task& task_;
  const TaskTables& tables_;
  const Target& target_;
  const FoldPlan& plan_;
  const uint64_t seed_;
  const TemporaryFolder folder_;
  Guarded<Slots> slots_;
};

}  // namespace treesmith
