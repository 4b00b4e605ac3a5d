#include "model/event.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

// --- values -----------------------------------------------------------------

Json ToJson(const Hash128& hash) {
  return hash.IsZero() ? Json(nullptr) : Json(hash.Hex());
}
Json ToJson(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
Json ToJson(const std::optional<double>& value) {
  return value ? ToJson(*value) : Json(nullptr);
}
Json ToJson(std::chrono::milliseconds time) { return Json(time.count()); }
Json ToJson(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(ToJson(value));
  return list;
}
Json ToJson(const Outcome& outcome) {
  return {{"kind", OutcomeName(outcome.kind)}, {"detail", outcome.detail}};
}
Json ToJson(const std::optional<PairedGain>& gain) {
  if (!gain) return nullptr;
  return {{"mean", ToJson(gain->mean)}, {"se", ToJson(gain->standard_error)}};
}
Json ToJson(const std::optional<NodeScore>& score) {
  if (!score) return nullptr;
  const MetricValue& value = score->value;
  return {{"value", value.present() ? Json(value.value()) : Json(nullptr)},
          {"direction", DirectionName(value.direction())},
          {"se", ToJson(score->standard_error)},
          {"units", ToJson(score->unit_values)},
          {"over_parent", ToJson(score->over_parent)},
          {"over_best", ToJson(score->over_best)},
          {"over_ensemble", ToJson(score->over_ensemble)},
          {"partial", score->partial}};
}
Json ToJson(const Usage& usage) {
  return {{"calls", usage.calls},
          {"in", usage.tokens_in},
          {"cached", usage.tokens_cached},
          {"out", usage.tokens_out},
          {"reasoning", usage.tokens_reasoning},
          {"ms", ToJson(usage.time)},
          {"usd", ToJson(usage.cost_usd)}};
}
Json ToJson(const std::vector<NodeId>& ids) {
  Json list = Json::array();
  for (const NodeId id : ids) list.push_back(id.value);
  return list;
}

double NumberOf(const Json& json) {
  return json.is_null() ? std::nan("") : json.get<double>();
}
std::optional<double> OptionalOf(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<double>();
}
Hash128 HashOf(const Json& json) {
  if (json.is_null()) return {};
  const auto hash = Hash128::FromHex(json.get<std::string>());
  if (!hash) throw Json::other_error::create(501, "not a hash", &json);
  return *hash;
}
std::chrono::milliseconds TimeOf(const Json& json) {
  return std::chrono::milliseconds(json.get<int64_t>());
}
// The value that a parser of names found, else an exception for Decode.
template <typename T>
T Known(std::optional<T> value, const Json& json) {
  if (!value) throw Json::other_error::create(501, "unknown name", &json);
  return *value;
}
Outcome OutcomeOf(const Json& json) {
  const Json& kind = json.at("kind");
  return {Known(ParseOutcome(kind.get<std::string>()), kind),
          json.at("detail").get<std::string>()};
}
std::optional<PairedGain> GainOf(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return PairedGain{NumberOf(json.at("mean")), NumberOf(json.at("se"))};
}
std::optional<NodeScore> ScoreOf(const Json& json) {
  if (json.is_null()) return std::nullopt;
  NodeScore score;
  const Json& name = json.at("direction");
  const Direction direction =
      Known(ParseDirection(name.get<std::string>()), name);
  score.value = MetricValue(NumberOf(json.at("value")), direction);
  score.standard_error = NumberOf(json.at("se"));
  for (const Json& value : json.at("units")) {
    score.unit_values.push_back(NumberOf(value));
  }
  score.over_parent = GainOf(json.at("over_parent"));
  score.over_best = GainOf(json.at("over_best"));
  // Logs of before have none.
  score.over_ensemble = GainOf(json.value("over_ensemble", Json()));
  score.partial = json.at("partial").get<bool>();
  return score;
}
Usage UsageOf(const Json& json) {
  Usage usage;
  usage.calls = json.at("calls").get<int64_t>();
  usage.tokens_in = json.at("in").get<int64_t>();
  usage.tokens_cached = json.at("cached").get<int64_t>();
  usage.tokens_out = json.at("out").get<int64_t>();
  usage.tokens_reasoning = json.at("reasoning").get<int64_t>();
  usage.time = TimeOf(json.at("ms"));
  usage.cost_usd = OptionalOf(json.at("usd"));
  return usage;
}
StepId StepOf(const Json& json) { return {json.at("step").get<int64_t>()}; }

// --- bodies -----------------------------------------------------------------

Json Body(const RunStarted& e) {
  return {{"config", e.config},
          {"seed", e.seed},
          {"task_digest", ToJson(e.task_digest)},
          {"versions", e.versions},
          {"seals", e.seals}};
}
Json Body(const Resumed& e) {
  return {{"versions", e.versions}, {"sandbox", e.sandbox}};
}
Json Body(const FoldsCut& e) {
  return {{"plan", e.plan}, {"profile", ToJson(e.profile)}};
}
Json Body(const Proposed& e) {
  return {{"step", e.step.value},
          {"operator", OperatorName(e.proposal.op)},
          {"parents", ToJson(e.proposal.parents)},
          {"why", e.proposal.why}};
}
Json Body(const CallStarted& e) {
  return {{"step", e.step.value},
          {"purpose", e.purpose},
          {"model", e.model},
          {"attempt", e.attempt},
          {"request", ToJson(e.request)},
          {"reserved_tokens", e.reserved_tokens},
          {"reserved_usd", ToJson(e.reserved_usd)}};
}
Json Body(const CallEnded& e) {
  return {{"step", e.step.value},
          {"purpose", e.purpose},
          {"model", e.model},
          {"attempt", e.attempt},
          {"request", ToJson(e.request)},
          {"reply", ToJson(e.reply)},
          {"error", e.error},
          {"usage", ToJson(e.usage)},
          {"cached", e.cached}};
}
Json Body(const Reviewed& e) {
  return {{"step", e.step.value},
          {"finding", e.finding},
          {"metric", ToJson(e.metric)}};
}
Json Body(const Written& e) {
  return {{"step", e.step.value},
          {"plan", e.plan},
          {"change", e.change},
          {"family", e.family},
          {"origin", e.origin},
          {"cost", ToJson(e.nominal_cost)},
          {"script", ToJson(e.script)},
          {"usage", ToJson(e.usage)},
          {"form", ToJson(e.form)},
          {"rejected", e.rejected ? ToJson(*e.rejected) : Json(nullptr)}};
}
Json Body(const FoldRun& e) {
  return {
      {"step", e.step.value},         {"unit", e.unit},
      {"outcome", ToJson(e.outcome)}, {"exit_code", e.exit_code},
      {"signal", e.signal},           {"wall_ms", ToJson(e.wall)},
      {"cpu_ms", ToJson(e.cpu)},      {"peak_memory", e.peak_memory_bytes},
      {"value", ToJson(e.value)},     {"predictions", ToJson(e.predictions)},
      {"output", ToJson(e.output)},   {"view", ToJson(e.view)}};
}
Json Body(const Raced& e) {
  return {{"step", e.step.value},
          {"units", e.units},
          {"against", e.against.value},
          {"probability", ToJson(e.probability)},
          {"stopped", e.stopped}};
}
Json Body(const Scored& e) {
  return {{"step", e.step.value}, {"score", ToJson(std::optional(e.score))}};
}
Json Body(const NodeAdded& e) {
  return {{"step", e.step.value},       {"outcome", ToJson(e.outcome)},
          {"score", ToJson(e.score)},   {"finding", e.finding},
          {"output", ToJson(e.output)}, {"diagnosis", ToJson(e.diagnosis)}};
}
Json Body(const Refitted& e) {
  return {{"node", e.node.value},
          {"outcome", ToJson(e.outcome)},
          {"wall_ms", ToJson(e.wall)},
          {"submission", ToJson(e.submission)},
          {"predictions", ToJson(e.predictions)},
          {"doubt", e.doubt},
          {"share", e.share}};
}
Json Body(const Steered& e) { return {{"command", e.command}}; }
Json Body(const BudgetChanged& e) { return {{"budget", e.budget}}; }
Json Body(const Finished& e) {
  return {{"reason", e.reason}, {"answer", e.answer}};
}

Json Body(const Planned& e) { return {{"plan", e.plan}}; }
Json Body(const SearchEnded& e) { return {{"reason", e.reason}}; }
Json Body(const Checked& e) {
  return {{"node", e.node.valid() ? Json(e.node.value) : Json(nullptr)},
          {"check", e.check.name},
          {"verdict", VerdictName(e.check.verdict)},
          {"text", e.check.text}};
}

void Read(const Json& j, RunStarted& e) {
  e.config = j.at("config").get<std::string>();
  e.seed = j.at("seed").get<uint64_t>();
  e.task_digest = HashOf(j.at("task_digest"));
  e.versions = j.at("versions").get<std::string>();
  e.seals = j.value("seals", "");
}
void Read(const Json& j, Resumed& e) {
  e.versions = j.at("versions").get<std::string>();
  e.sandbox = j.value("sandbox", "");
}
void Read(const Json& j, FoldsCut& e) {
  e.plan = j.at("plan").get<std::string>();
  if (j.contains("profile")) e.profile = HashOf(j.at("profile"));
}
void Read(const Json& j, Proposed& e) {
  e.step = StepOf(j);
  const Json& op = j.at("operator");
  e.proposal.op = Known(ParseOperator(op.get<std::string>()), op);
  for (const Json& id : j.at("parents")) {
    e.proposal.parents.push_back({id.get<int64_t>()});
  }
  e.proposal.why = j.at("why").get<std::string>();
}
void Read(const Json& j, CallStarted& e) {
  e.step = StepOf(j);
  e.purpose = j.at("purpose").get<std::string>();
  e.model = j.value("model", "");
  e.attempt = j.at("attempt").get<int>();
  e.request = HashOf(j.at("request"));
  e.reserved_tokens = j.at("reserved_tokens").get<int64_t>();
  e.reserved_usd = OptionalOf(j.at("reserved_usd"));
}
void Read(const Json& j, Reviewed& e) {
  e.step = StepOf(j);
  e.finding = j.at("finding").get<std::string>();
  e.metric = OptionalOf(j.at("metric"));
}
void Read(const Json& j, CallEnded& e) {
  e.step = StepOf(j);
  e.purpose = j.at("purpose").get<std::string>();
  e.model = j.value("model", "");
  e.attempt = j.at("attempt").get<int>();
  e.request = HashOf(j.at("request"));
  e.reply = HashOf(j.at("reply"));
  e.error = j.at("error").get<std::string>();
  e.usage = UsageOf(j.at("usage"));
  e.cached = j.value("cached", false);
}
void Read(const Json& j, Written& e) {
  e.step = StepOf(j);
  e.plan = j.at("plan").get<std::string>();
  e.change = j.at("change").get<std::string>();
  e.family = j.at("family").get<std::string>();
  e.origin = j.at("origin").get<std::string>();
  e.nominal_cost = NumberOf(j.at("cost"));
  e.script = HashOf(j.at("script"));
  e.usage = UsageOf(j.at("usage"));
  if (j.contains("form")) e.form = HashOf(j.at("form"));
  if (!j.at("rejected").is_null()) e.rejected = OutcomeOf(j.at("rejected"));
}
void Read(const Json& j, FoldRun& e) {
  e.step = StepOf(j);
  e.unit = j.at("unit").get<int>();
  e.outcome = OutcomeOf(j.at("outcome"));
  e.exit_code = j.at("exit_code").get<int>();
  e.signal = j.at("signal").get<int>();
  e.wall = TimeOf(j.at("wall_ms"));
  e.cpu = TimeOf(j.at("cpu_ms"));
  e.peak_memory_bytes = j.at("peak_memory").get<int64_t>();
  e.value = OptionalOf(j.at("value"));
  e.predictions = HashOf(j.at("predictions"));
  e.output = HashOf(j.at("output"));
  if (j.contains("view")) e.view = HashOf(j.at("view"));
}
void Read(const Json& j, Raced& e) {
  e.step = StepOf(j);
  e.units = j.at("units").get<int>();
  e.against = {j.at("against").get<int64_t>()};
  e.probability = NumberOf(j.at("probability"));
  e.stopped = j.at("stopped").get<bool>();
}
void Read(const Json& j, Scored& e) {
  e.step = StepOf(j);
  const Json& score = j.at("score");
  e.score = Known(ScoreOf(score), score);
}
void Read(const Json& j, NodeAdded& e) {
  e.step = StepOf(j);
  e.outcome = OutcomeOf(j.at("outcome"));
  e.score = ScoreOf(j.at("score"));
  e.finding = j.at("finding").get<std::string>();
  e.output = HashOf(j.at("output"));
  e.diagnosis = HashOf(j.at("diagnosis"));
}
void Read(const Json& j, Refitted& e) {
  e.node = {j.at("node").get<int64_t>()};
  e.outcome = OutcomeOf(j.at("outcome"));
  e.wall = TimeOf(j.at("wall_ms"));
  e.submission = HashOf(j.at("submission"));
  e.predictions = HashOf(j.at("predictions"));
  e.doubt = j.at("doubt").get<std::string>();
  e.share = j.value("share", 1.0);
}
void Read(const Json& j, Steered& e) {
  e.command = j.at("command").get<std::string>();
}
void Read(const Json& j, BudgetChanged& e) {
  e.budget = j.at("budget").get<std::string>();
}
void Read(const Json& j, Finished& e) {
  e.reason = j.at("reason").get<std::string>();
  e.answer = j.at("answer").get<std::string>();
}

void Read(const Json& j, Planned& e) {
  e.plan = j.at("plan").get<std::string>();
}
void Read(const Json& j, SearchEnded& e) {
  e.reason = j.at("reason").get<std::string>();
}
void Read(const Json& j, Checked& e) {
  if (!j.at("node").is_null()) e.node = {j.at("node").get<int64_t>()};
  e.check.name = j.at("check").get<std::string>();
  const Json& verdict = j.at("verdict");
  e.check.verdict = Known(ParseVerdict(verdict.get<std::string>()), verdict);
  e.check.text = j.at("text").get<std::string>();
}

// --- the table of kinds -----------------------------------------------------

// In the order of EventBody's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<EventBody>> kKinds =
    {"RunStarted", "Resumed",  "FoldsCut",    "Proposed",      "CallStarted",
     "CallEnded",  "Written",  "FoldRun",     "Raced",         "Scored",
     "NodeAdded",  "Refitted", "Steered",     "BudgetChanged", "Finished",
     "Reviewed",   "Planned",  "SearchEnded", "Checked"};

template <size_t kIndex = 0>
EventBody MakeBody(size_t index) {
  if constexpr (kIndex + 1 < std::variant_size_v<EventBody>) {
    if (index != kIndex) return MakeBody<kIndex + 1>(index);
  }
  return EventBody(std::in_place_index<kIndex>);
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string_view EventKind(const EventBody& body) {
  return kKinds.at(body.index());
}

std::string EncodeEvent(const EventBody& body) {
  return Dump(std::visit([](const auto& e) { return Body(e); }, body));
}

Result<EventBody> DecodeEvent(std::string_view kind, std::string_view json) {
  for (size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds.at(i) != kind) continue;
    EventBody body = MakeBody(i);
    try {
      const Json parsed = Json::parse(json);
      std::visit([&](auto& e) { Read(parsed, e); }, body);
    } catch (const Json::exception& error) {
      return Failed("read event " + std::string(kind) + ": " + error.what());
    }
    return body;
  }
  return Failed("read event " + std::string(kind) +
                ": a kind this version does not know");
}

std::optional<std::string> CanonicalEvent(const EventBody& body) {
  if (std::holds_alternative<Resumed>(body)) return std::nullopt;
  if (std::holds_alternative<CallStarted>(body)) return std::nullopt;
  Json json = std::visit([](const auto& e) { return Body(e); }, body);
  // What the clock and the kernel say, and what is printed (tracebacks hold
  // addresses, libraries print times); diagnoses tell seconds, and questions
  // to a model hold all of it.
  for (const char* key : {"wall_ms", "cpu_ms", "peak_memory", "output",
                          "versions", "diagnosis", "request"}) {
    json.erase(key);
  }
  if (const auto usage = json.find("usage"); usage != json.end()) {
    usage->erase("ms");
  }
  return std::string(EventKind(body)) + " " + Dump(json);
}

}  // namespace treesmith
