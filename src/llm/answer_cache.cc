#include "llm/answer_cache.h"

#include "base/file.h"
#include "base/log.h"
#include "llm/reply_json.h"

namespace treesmith {
namespace {

// Whoever has the folder may well have thousands of answers in it.
constexpr size_t kFanOutDigits = 2;

bool WorthKeeping(const LlmReply& reply) {
  return reply.finish == LlmFinish::kStop || reply.finish == LlmFinish::kLength;
}

}  // namespace

Result<std::unique_ptr<AnswerCache>> AnswerCache::Open(
    const std::filesystem::path& folder) {
  TRY(MakeFolders(folder));
  return std::unique_ptr<AnswerCache>(new AnswerCache(folder));
}

AnswerCache::Asking AnswerCache::Next(Hash128 name, const LlmRequest& request) {
  const Hash128 facts =
      request.schema ? HashBytes(request.measured) : Hash128{};
  auto occurrences = occurrences_.Lock();
  return {name, facts, (*occurrences)[name]++};
}

void AnswerCache::TakeBack(const Asking& asking) {
  --(*occurrences_.Lock())[asking.name];
}

void AnswerCache::Continue(std::span<const Hash128> names) {
  auto occurrences = occurrences_.Lock();
  occurrences->clear();
  for (const Hash128& name : names) ++(*occurrences)[name];
}

std::filesystem::path AnswerCache::FileOf(const Asking& asking) const {
  std::string name = asking.name.Hex();
  const std::string folder = name.substr(0, kFanOutDigits);
  if (!asking.facts.IsZero()) name += "-" + asking.facts.Hex();
  name += "-" + std::to_string(asking.occurrence) + ".json";
  return folder_ / folder / name;
}

std::optional<LlmReply> AnswerCache::Find(const Asking& asking) const {
  const Result<std::string> text = ReadFile(FileOf(asking));
  if (!text.ok()) return std::nullopt;
  Result<LlmReply> reply = DecodeReply(*text);
  if (!reply.ok()) return std::nullopt;
  return *std::move(reply);
}

Status AnswerCache::Add(const Asking& asking, const LlmReply& reply) const {
  const std::filesystem::path file = FileOf(asking);
  TRY(MakeFolders(file.parent_path()));
  return WriteFile(file, EncodeReply(reply));
}

LlmOutcome Cached::Call(const LlmRequest& request, std::stop_token stop) {
  const Hash128 name = HashRequest(request, label_);
  const AnswerCache::Asking asking = cache_.Next(name, request);
  if (std::optional<LlmReply> kept = cache_.Find(asking)) {
    kept->usage = Usage{};
    kept->usage_estimated = false;
    LlmOutcome outcome{.answer = *std::move(kept)};
    observer_.OnCallEnded({request, label_, name, CallSource::kCache}, outcome);
    return outcome;
  }
  LlmOutcome outcome = inner_->Call(request, std::move(stop));
  const LlmReply* reply = outcome.reply();
  if (reply == nullptr || !WorthKeeping(*reply)) {
    cache_.TakeBack(asking);
    return outcome;
  }
  const Status added = cache_.Add(asking, *reply);
  // An answer that was paid for is not lost for the sake of its copy.
  if (!added) LOG(kError, "llm", added.error().message);
  return outcome;
}

}  // namespace treesmith
