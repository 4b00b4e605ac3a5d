#include "evaluation/view_store.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/log.h"

namespace treesmith {
namespace {

constexpr int kRefit = -1;

std::string NameOf(int unit, double train_share) {
  std::string name = unit == kRefit ? "refit" : "unit" + std::to_string(unit);
  if (train_share < 1) {
    name += "-of-" + std::to_string(std::llround(train_share * 1e6));
  }
  return name;
}

Result<Hash128> HashFolder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code code;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder, code)) {
    if (!entry.is_directory(code)) files.push_back(entry.path());
  }
  if (code) return ErrnoError("read", folder.string(), code.value());
  std::ranges::sort(files);
  Hasher hasher;
  for (const auto& file : files) {
    TRY_ASSIGN(const FileDigest digest, DigestFile(file));
    hasher.Add(file.lexically_relative(folder).string());
    hasher.Add(digest.hash.Hex());
  }
  return hasher.Digest();
}

}  // namespace

ViewStore::ViewStore(const Task& task, const TaskTables& tables,
                     const Target& target, const FoldPlan& plan, uint64_t seed,
                     TemporaryFolder folder)
    : task_(task),
      tables_(tables),
      target_(target),
      plan_(plan),
      seed_(seed),
      folder_(std::move(folder)) {}

Result<View> ViewStore::HandOut(Key key, const Writer& write) {
  Slot* slot = nullptr;
  {
    auto slots = slots_.Lock();
    std::unique_ptr<Slot>& place = (*slots)[key];
    if (!place) place = std::make_unique<Slot>();
    slot = place.get();
  }
  const auto [unit, train_share] = key;
  const std::string name = NameOf(unit, train_share);
  const std::filesystem::path path = folder_.path() / name;
  const std::lock_guard lock(slot->making);
  if (slot->hash) {
    const Result<Hash128> found = HashFolder(path);
    if (found.ok() && *found == *slot->hash) return View{path, *slot->hash};
    LOG(kWarning, "views", name + " was changed by a script: written again");
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::vector<uint8_t> sample;
  if (train_share < 1) {
    sample = SampleTrainRows(plan_, target_, train_share, seed_);
  }
  TRY(MakeFolders(path));
  TRY(write(path, sample));
  TRY_ASSIGN(const Hash128 hash, HashFolder(path));
  slot->hash = hash;
  return View{path, hash};
}

Result<View> ViewStore::Unit(int unit, double train_share) {
  return HandOut({unit, train_share}, [&](const std::filesystem::path& path,
                                          std::span<const uint8_t> sample) {
    return WriteView(task_, tables_, target_, plan_, unit, path, sample);
  });
}

Result<View> ViewStore::Refit(double train_share) {
  return HandOut({kRefit, train_share}, [&](const std::filesystem::path& path,
                                            std::span<const uint8_t> sample) {
    return WriteRefitInputs(task_, tables_, target_, path, sample);
  });
}

Result<TemporaryFolder> ViewStore::Outbox() {
  return TemporaryFolder::Make("out");
}

}  // namespace treesmith
