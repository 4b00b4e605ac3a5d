#include "table/profile.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 9> kColumnTypes = {
    "number", "code",     "bool", "category", "text",
    "date",   "datetime", "id",   "constant"};
constexpr std::array<std::string_view, 4> kTargetKinds = {
    "regression", "binary", "multiclass", "ordinal"};
constexpr std::array<std::string_view, 4> kSignalKinds = {
    "none", "gini", "spearman", "correlation_ratio"};
constexpr std::array<std::string_view, 4> kTestTimes = {"none", "after", "gaps",
                                                        "mixed"};

// An enumeration is stored by name, so that a later one may be inserted.
constexpr const auto& NamesOf(ColumnType /*type*/) { return kColumnTypes; }
constexpr const auto& NamesOf(TargetKind /*kind*/) { return kTargetKinds; }
constexpr const auto& NamesOf(SignalKind /*kind*/) { return kSignalKinds; }
constexpr const auto& NamesOf(TestTime /*time*/) { return kTestTimes; }

// The fields of each struct, once for both ways.
template <typename T, typename U>
concept Is = std::is_same_v<std::remove_const_t<T>, U>;

template <typename V, Is<ValueShare> T>
void Visit(V&& visit, T& value) {
  visit("value", value.value);
  visit("share", value.share);
}
template <typename V, Is<TargetProfile> T>
void Visit(V&& visit, T& value) {
  visit("name", value.name);
  visit("kind", value.kind);
  visit("numeric", value.numeric);
  visit("integers", value.integers);
  visit("distinct", value.distinct);
  visit("missing_share", value.missing_share);
  visit("classes", value.classes);
  visit("min", value.min);
  visit("max", value.max);
  visit("mean", value.mean);
  visit("median", value.median);
  visit("standard_deviation", value.standard_deviation);
  visit("skew", value.skew);
  visit("log_skew", value.log_skew);
  visit("zero_share", value.zero_share);
  visit("tail", value.tail);
  visit("heavy_tail", value.heavy_tail);
}
template <typename V, Is<ColumnProfile> T>
void Visit(V&& visit, T& value) {
  visit("name", value.name);
  visit("type", value.type);
  visit("in_train", value.in_train);
  visit("in_test", value.in_test);
  visit("integers", value.integers);
  visit("day_first", value.day_first);
  visit("distinct", value.distinct);
  visit("missing_train", value.missing_train);
  visit("missing_test", value.missing_test);
  visit("unseen_share", value.unseen_share);
  visit("psi", value.psi);
  visit("ks", value.ks);
  visit("signal_kind", value.signal_kind);
  visit("signal", value.signal);
  visit("missing_signal", value.missing_signal);
  visit("min", value.min);
  visit("max", value.max);
  visit("mean", value.mean);
  visit("standard_deviation", value.standard_deviation);
  visit("skew", value.skew);
  visit("zero_share", value.zero_share);
  visit("test_min", value.test_min);
  visit("test_max", value.test_max);
  visit("mean_length", value.mean_length);
  visit("mean_words", value.mean_words);
  visit("top", value.top);
}
template <typename V, Is<TwinProfile> T>
void Visit(V&& visit, T& value) {
  visit("within_train", value.within_train);
  visit("unlike_labels", value.unlike_labels);
  visit("across_test", value.across_test);
}
template <typename V, Is<GroupProfile> T>
void Visit(V&& visit, T& value) {
  visit("column", value.column);
  visit("separator", value.separator);
  visit("groups", value.groups);
  visit("repeated_rows", value.repeated_rows);
  visit("unseen_share", value.unseen_share);
}
template <typename V, Is<TimeProfile> T>
void Visit(V&& visit, T& value) {
  visit("column", value.column);
  visit("day_first", value.day_first);
  visit("test", value.test);
  visit("train_first", value.train_first);
  visit("train_last", value.train_last);
  visit("test_first", value.test_first);
  visit("test_last", value.test_last);
  visit("train_days", value.train_days);
  visit("test_days", value.test_days);
  visit("test_run_days", value.test_run_days);
  visit("series", value.series);
  visit("series_count", value.series_count);
}
template <typename V, Is<SumProfile> T>
void Visit(V&& visit, T& value) {
  visit("parts", value.parts);
  visit("whole", value.whole);
}
template <typename V, Is<Renaming> T>
void Visit(V&& visit, T& value) {
  visit("from", value.from);
  visit("to", value.to);
}
template <typename V, Is<CoordinatePair> T>
void Visit(V&& visit, T& value) {
  visit("latitude", value.latitude);
  visit("longitude", value.longitude);
}
template <typename V, Is<Profile> T>
void Visit(V&& visit, T& value) {
  visit("train_rows", value.train_rows);
  visit("test_rows", value.test_rows);
  visit("sampled_train_rows", value.sampled_train_rows);
  visit("sampled_test_rows", value.sampled_test_rows);
  visit("targets", value.targets);
  visit("class_columns", value.class_columns);
  visit("class_prefix", value.class_prefix);
  visit("renamed_classes", value.renamed_classes);
  visit("renamed_columns", value.renamed_columns);
  visit("train_separator", value.train_separator);
  visit("test_separator", value.test_separator);
  visit("sample_separator", value.sample_separator);
  visit("columns", value.columns);
  visit("ids", value.ids);
  visit("train_only", value.train_only);
  visit("test_only", value.test_only);
  visit("twins", value.twins);
  visit("sums", value.sums);
  visit("coordinates", value.coordinates);
  visit("groups", value.groups);
  visit("time", value.time);
  visit("id_order_signal", value.id_order_signal);
  visit("ids_interleave", value.ids_interleave);
}

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

template <typename T>
Json ToJson(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return NamesOf(value)[static_cast<size_t>(value)];
  } else if constexpr (std::is_same_v<T, double>) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
  } else if constexpr (IsVector<T>::value) {
    Json list = Json::array();
    for (const auto& element : value) list.push_back(ToJson(element));
    return list;
  } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>) {
    Json object = Json::object();
    Visit([&](const char* key,
              const auto& field) { object[key] = ToJson(field); },
          value);
    return object;
  } else {
    return value;
  }
}

// False where the JSON does not fit. May throw nlohmann's exceptions.
template <typename T>
bool FromJson(const Json& json, T& value) {
  if constexpr (std::is_enum_v<T>) {
    const auto name = json.get<std::string>();
    for (size_t i = 0; i < NamesOf(value).size(); ++i) {
      if (NamesOf(value)[i] == name) {
        value = static_cast<T>(i);
        return true;
      }
    }
    return false;
  } else if constexpr (std::is_same_v<T, double>) {
    value = json.is_null() ? kUnknown : json.get<double>();
    return true;
  } else if constexpr (IsVector<T>::value) {
    value.clear();
    for (const Json& element : json) {
      if (!FromJson(element, value.emplace_back())) return false;
    }
    return json.is_array();
  } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>) {
    bool fits = json.is_object();
    Visit(
        [&](const char* key, auto& field) {
          if (fits && json.contains(key)) fits = FromJson(json.at(key), field);
        },
        value);
    return fits;
  } else {
    value = json.get<T>();
    return true;
  }
}

}  // namespace

std::string_view ColumnTypeName(ColumnType type) {
  return kColumnTypes[static_cast<size_t>(type)];
}

std::string_view TargetKindName(TargetKind kind) {
  return kTargetKinds[static_cast<size_t>(kind)];
}

const ColumnProfile* Profile::Find(std::string_view name) const {
  for (const ColumnProfile& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::string EncodeProfile(const Profile& profile) {
  // Values of a file may be any bytes: what is no UTF-8 is replaced.
  return ToJson(profile).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Profile> DecodeProfile(std::string_view json) {
  Profile profile;
  try {
    if (FromJson(Json::parse(json), profile)) return profile;
  } catch (const nlohmann::json::exception& exception) {
    return Failed(std::string("read profile: ") + exception.what());
  }
  return Failed("read profile: not what EncodeProfile wrote");
}

}  // namespace treesmith
