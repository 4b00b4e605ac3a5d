#include "llm/cassette.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/file.h"
#include "base/log.h"
#include "llm/json_node.h"
#include "llm/reply_json.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFirstLine =
    R"({"format":"llm-cassette","version":1})";

Json RequestJson(const LlmRequest& request) {
  Json json = {{"purpose", request.purpose},
               {"step", request.step},
               {"system", request.system},
               {"prefix", request.prefix},
               {"tail", request.tail},
               {"measured", request.measured},
               {"max_output_tokens", request.max_output_tokens}};
  if (request.temperature) json["temperature"] = *request.temperature;
  if (request.schema) json["schema"] = request.schema->name;
  for (const LlmTurn& turn : request.turns) {
    json["turns"].push_back(
        {{turn.role == LlmRole::kUser ? "user" : "assistant", turn.text}});
  }
  return json;
}

}  // namespace

Result<std::unique_ptr<Cassette>> Cassette::Open(
    const std::filesystem::path& path, CassetteMode mode) {
  std::unique_ptr<Cassette> cassette(new Cassette(path));
  TRY(cassette->Load(mode));
  return cassette;
}

Status Cassette::Load(CassetteMode mode) {
  auto state = state_.Lock();
  std::error_code ignored;
  const bool there = std::filesystem::exists(path_, ignored);
  if (!there && mode == CassetteMode::kReplay) {
    return BadInput("replay " + path_.string() + ": no such file");
  }
  std::string content;
  if (there) {
    TRY_ASSIGN(content, ReadFile(path_));
  }
  if (!content.empty() && !content.starts_with(kFirstLine)) {
    return BadInput("open " + path_.string() +
                    ": not a cassette of this version");
  }
  // What a kill has cut off is taken away, so that the next line is whole.
  const size_t whole = content.rfind('\n');
  content.resize(whole == std::string::npos ? 0 : whole + 1);
  size_t at = std::min(content.find('\n'), content.size());
  while (at < content.size()) {
    const size_t end = std::min(content.find('\n', at + 1), content.size());
    const std::string_view line =
        std::string_view(content).substr(at + 1, end - at - 1);
    at = end;
    LoadLine(line, *state);
  }
  if (mode == CassetteMode::kReplay) return {};
  for (const auto& [key, index] : state->by_hash) {
    int& next = state->occurrences[key.first];
    next = std::max(next, key.second + 1);
  }
  if (there) {
    std::filesystem::resize_file(path_, content.size(), ignored);
  }
  state->file.open(path_, std::ios::binary | std::ios::app);
  if (content.empty()) state->file << kFirstLine << '\n' << std::flush;
  if (!state->file) return ErrnoError("write", path_.string());
  return {};
}

// A line that cannot be read is as good as none.
void Cassette::LoadLine(std::string_view line, State& state) {
  const auto document = JsonDocument::Parse(line);
  if (!document) return;
  const JsonNode root = document->root();
  const auto hash = Hash128::FromHex(root["hash"].Text());
  const auto occurrence = root["occurrence"].Integer();
  if (!hash || !occurrence) return;
  const auto [place, added] = state.by_hash.try_emplace(
      {*hash, static_cast<int>(*occurrence)}, state.answers.size());
  if (!added) {
    state.answers[place->second] = root["answer"].Dump();
    return;
  }
  const JsonNode request = root["request"];
  state
      .by_place[{static_cast<uint64_t>(request["step"].Integer().value_or(0)),
                 std::string(request["purpose"].Text())}]
      .push_back(state.answers.size());
  state.answers.push_back(root["answer"].Dump());
}

Cassette::Asking Cassette::Next(Hash128 hash, const LlmRequest& request) {
  auto state = state_.Lock();
  return {hash, state->occurrences[hash]++,
          state->places[{request.step, request.purpose}]++};
}

void Cassette::TakeBack(const Asking& asking, const LlmRequest& request) {
  auto state = state_.Lock();
  --state->occurrences[asking.hash];
  --state->places[{request.step, request.purpose}];
}

void Cassette::Continue(std::span<const Asked> asked) {
  auto state = state_.Lock();
  state->occurrences.clear();
  state->places.clear();
  for (const Asked& one : asked) {
    ++state->occurrences[one.hash];
    ++state->places[{one.step, one.purpose}];
  }
}

std::optional<LlmOutcome> Cassette::Find(const Asking& asking) {
  std::string answer;
  {
    auto state = state_.Lock();
    const auto found = state->by_hash.find({asking.hash, asking.occurrence});
    if (found == state->by_hash.end()) return std::nullopt;
    answer = state->answers[found->second];
  }
  Result<LlmOutcome> outcome = DecodeOutcome(answer);
  if (!outcome) return std::nullopt;
  return *std::move(outcome);
}

std::optional<LlmOutcome> Cassette::FindByPlace(const Asking& asking,
                                                const LlmRequest& request) {
  std::string answer;
  {
    auto state = state_.Lock();
    const auto found = state->by_place.find({request.step, request.purpose});
    const auto place = static_cast<size_t>(asking.place);
    if (found == state->by_place.end() || place >= found->second.size()) {
      return std::nullopt;
    }
    answer = state->answers[found->second[place]];
  }
  Result<LlmOutcome> outcome = DecodeOutcome(answer);
  if (!outcome) return std::nullopt;
  return *std::move(outcome);
}

Status Cassette::Add(const Asking& asking, const LlmRequest& request,
                     LlmOutcome& outcome) {
  const Json line = {
      {"hash", asking.hash.Hex()},
      {"occurrence", asking.occurrence},
      {"request", RequestJson(request)},
      {"answer", Json::parse(EncodeOutcome(outcome), nullptr, false)}};
  auto state = state_.Lock();
  state->file << line.dump(-1, ' ', false, Json::error_handler_t::replace)
              << '\n'
              << std::flush;
  if (!state->file) return ErrnoError("write", path_.string());
  return {};
}

LlmOutcome Recorded::Call(const LlmRequest& request, std::stop_token stop) {
  const auto asking = cassette_.Next(HashRequest(request, label_), request);
  LlmOutcome outcome = inner_->Call(request, std::move(stop));
  const LlmFailure* failure = outcome.failure();
  if (failure != nullptr && failure->kind == FailureKind::kCancelled) {
    cassette_.TakeBack(asking, request);
    return outcome;
  }
  const Status added = cassette_.Add(asking, request, outcome);
  // An answer that was paid for is not lost for the sake of its record.
  if (!added) LOG(kError, "llm", added.error().message);
  return outcome;
}

LlmOutcome Replaying::Call(const LlmRequest& request, std::stop_token stop) {
  if (stop.stop_requested()) {
    return {.answer = LlmFailure{.kind = FailureKind::kCancelled,
                                 .message = "replay: stopped"}};
  }
  const auto asking = cassette_.Next(HashRequest(request, label_), request);
  if (auto outcome = cassette_.Find(asking)) return *std::move(outcome);
  if (auto outcome = cassette_.FindByPlace(asking, request)) {
    LOG(kInfo, "llm",
        "step " + std::to_string(request.step) + " asks its " +
            request.purpose + " in other words than were recorded");
    return *std::move(outcome);
  }
  return {.answer = LlmFailure{
              .kind = FailureKind::kBadRequest,
              .message = "replay " + cassette_.path().string() +
                         ": no answer for this " + request.purpose +
                         " request of " + label_,
              .hint = "record again: task, seed, model or prompts differ"}};
}

}  // namespace treesmith
