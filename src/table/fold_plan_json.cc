// Encoding of FoldPlan: the rows' folds and units are zstd in base64.
#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/compress.h"
#include "table/fold_plan.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

// Of plans in train's own order, all that there once were, and of others.
constexpr int kOldVersion = 1;
constexpr int kVersion = 2;
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<std::string_view, 3> kBootstrapNames = {"row", "group",
                                                             "day"};

// By HiddenOrder.
constexpr std::array<std::string_view, 3> kOrderNames = {"train", "drawn",
                                                         "drawn-in-groups"};

std::string ToBase64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      const size_t at = i + k;
      group = group << 8 |
              (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      text += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

// Anything that is no digit ends the text.
std::string FromBase64(std::string_view text) {
  std::array<int8_t, 256> value{};
  value.fill(-1);
  for (size_t i = 0; i < kDigits.size(); ++i) {
    value[static_cast<unsigned char>(kDigits[i])] = static_cast<int8_t>(i);
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t bits = 0;
  int count = 0;
  for (const char digit : text) {
    const int8_t six = value[static_cast<unsigned char>(digit)];
    if (six < 0) break;
    bits = bits << 6 | static_cast<uint32_t>(six);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return bytes;
}

template <typename T>
std::string Pack(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return ToBase64(Compress(bytes));
}

template <typename T>
Result<std::vector<T>> Unpack(const std::string& text, int64_t rows) {
  TRY_ASSIGN(const std::string bytes, Decompress(FromBase64(text)));
  std::vector<T> values(bytes.size() / sizeof(T));
  if (bytes.size() != static_cast<size_t>(rows) * sizeof(T)) {
    return Failed("decode fold plan: a list has not as many entries as rows");
  }
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

template <size_t kSize>
Result<size_t> IndexIn(const std::array<std::string_view, kSize>& names,
                       const std::string& name) {
  for (size_t i = 0; i < kSize; ++i) {
    if (names[i] == name) return i;
  }
  return Failed("decode fold plan: unknown word " + name);
}

Result<FoldPlan> FromJson(const Json& json) {
  const int version = json.at("version");
  if (version != kVersion && version != kOldVersion) {
    return Failed("decode fold plan: made by another version");
  }
  constexpr std::array<std::string_view, 5> kKinds = {
      "random", "stratified", "group", "time", "blocks"};
  FoldPlan plan;
  TRY_ASSIGN(const size_t kind, IndexIn(kKinds, json.at("kind")));
  plan.kind = static_cast<SplitKind>(kind);
  TRY_ASSIGN(const size_t unit, IndexIn(kBootstrapNames, json.at("bootstrap")));
  plan.bootstrap = static_cast<BootstrapUnit>(unit);
  plan.column = json.at("column");
  plan.reason = json.at("reason");
  plan.folds = json.at("folds");
  plan.repeats = json.at("repeats");
  plan.rows = json.at("rows");
  const size_t entries = json.at("hidden_in").size();
  const bool overlapping = plan.kind == SplitKind::kTime && plan.repeats == 1 &&
                           entries == static_cast<size_t>(plan.folds);
  if (plan.folds < 1 || plan.repeats < 1 || plan.rows < 0 ||
      (entries != static_cast<size_t>(plan.repeats) && !overlapping)) {
    return Failed("decode fold plan: impossible counts");
  }
  for (const auto& packed : json.at("hidden_in")) {
    TRY_ASSIGN(auto folds,
               Unpack<int8_t>(packed.get<std::string>(), plan.rows));
    plan.hidden_in.push_back(std::move(folds));
  }
  if (plan.bootstrap != BootstrapUnit::kRow) {
    TRY_ASSIGN(plan.bootstrap_unit,
               Unpack<int32_t>(json.at("bootstrap_unit").get<std::string>(),
                               plan.rows));
  }
  if (version == kOldVersion) return plan;
  TRY_ASSIGN(const size_t order, IndexIn(kOrderNames, json.at("order")));
  plan.order = static_cast<HiddenOrder>(order);
  plan.order_seed = json.at("order_seed");
  const auto is_group = [&](int32_t group) {
    return group >= 0 && group < plan.rows;
  };
  if (plan.order == HiddenOrder::kDrawnInGroups &&
      (plan.bootstrap != BootstrapUnit::kGroup ||
       !std::ranges::all_of(plan.bootstrap_unit, is_group))) {
    return Failed("decode fold plan: an order of groups without groups");
  }
  return plan;
}

}  // namespace

std::string EncodeFoldPlan(const FoldPlan& plan) {
  Json json = {
      {"version", kOldVersion},
      {"kind", SplitKindName(plan.kind)},
      {"column", plan.column},
      {"reason", plan.reason},
      {"folds", plan.folds},
      {"repeats", plan.repeats},
      {"rows", plan.rows},
      {"bootstrap", kBootstrapNames[static_cast<size_t>(plan.bootstrap)]},
      {"hidden_in", Json::array()}};
  for (const auto& folds : plan.hidden_in) {
    json["hidden_in"].push_back(Pack(folds));
  }
  if (plan.bootstrap != BootstrapUnit::kRow) {
    json["bootstrap_unit"] = Pack(plan.bootstrap_unit);
  }
  if (plan.order != HiddenOrder::kTrain) {
    json["version"] = kVersion;
    json["order"] = kOrderNames[static_cast<size_t>(plan.order)];
    json["order_seed"] = plan.order_seed;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<FoldPlan> DecodeFoldPlan(std::string_view json) {
  try {
    return FromJson(Json::parse(json));
  } catch (const Json::exception& e) {
    return Failed(std::string("decode fold plan: ") + e.what());
  }
}

}  // namespace treesmith
