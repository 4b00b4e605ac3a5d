#include "llm/json_node.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

namespace treesmith {
namespace {

using Json = nlohmann::json;

const Json* AsJson(const void* node) { return static_cast<const Json*>(node); }

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the valid character at the front, 0 when there is none
// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
size_t CharacterLength(std::string_view bytes) {
  const auto byte = [&](size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

bool IsAscii(std::string_view bytes) {
  return std::ranges::all_of(
      bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// A text that is a number and nothing else.
std::optional<double> ParseNumber(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() ||
      text.find_first_not_of(" \t\r\n",
                             static_cast<size_t>(end - text.c_str())) !=
          std::string::npos) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

struct JsonDocument::Tree {
  Json json;
};

JsonNode JsonNode::operator[](std::string_view key) const {
  if (!IsObject()) return {};
  const auto found = AsJson(node_)->find(key);
  if (found == AsJson(node_)->end()) return {};
  return JsonNode(&*found);
}

JsonNode JsonNode::At(size_t index) const {
  if (!IsArray() || index >= AsJson(node_)->size()) return {};
  return JsonNode(&(*AsJson(node_))[index]);
}

size_t JsonNode::size() const {
  return IsArray() || IsObject() ? AsJson(node_)->size() : 0;
}

bool JsonNode::Present() const {
  return node_ != nullptr && !AsJson(node_)->is_null();
}
bool JsonNode::IsText() const {
  return node_ != nullptr && AsJson(node_)->is_string();
}
bool JsonNode::IsObject() const {
  return node_ != nullptr && AsJson(node_)->is_object();
}
bool JsonNode::IsArray() const {
  return node_ != nullptr && AsJson(node_)->is_array();
}
bool JsonNode::IsTrue() const {
  return node_ != nullptr && AsJson(node_)->is_boolean() &&
         AsJson(node_)->get<bool>();
}

std::string JsonNode::Text() const {
  return IsText() ? AsJson(node_)->get<std::string>() : std::string();
}

std::optional<double> JsonNode::Number() const {
  std::optional<double> value;
  if (node_ != nullptr && AsJson(node_)->is_number()) {
    value = AsJson(node_)->get<double>();
  } else if (IsText()) {
    value = ParseNumber(Text());
  }
  if (value && !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::optional<int64_t> JsonNode::Integer() const {
  if (node_ != nullptr && AsJson(node_)->is_number_integer() &&
      !AsJson(node_)->is_number_unsigned()) {
    return AsJson(node_)->get<int64_t>();
  }
  const std::optional<double> value = Number();
  // 2^63 itself is not an int64.
  if (!value || std::abs(*value) >= 0x1p63) return std::nullopt;
  return static_cast<int64_t>(*value);
}

std::string JsonNode::Dump() const {
  if (node_ == nullptr) return "null";
  return AsJson(node_)->dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<JsonDocument> JsonDocument::Parse(std::string_view text) {
  auto tree = std::make_unique<Tree>();
  // Streams are parsed event by event, so the common case makes no copy.
  tree->json = IsAscii(text)
                   ? Json::parse(text, nullptr, false)
                   : Json::parse(ReplaceInvalidUtf8(text), nullptr, false);
  if (tree->json.is_discarded()) return std::nullopt;
  return JsonDocument(std::move(tree));
}

JsonDocument::JsonDocument(std::unique_ptr<Tree> tree)
    : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonNode JsonDocument::root() const { return JsonNode(&tree_->json); }

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = CharacterLength(bytes);
    if (length == 0) {
      text += kReplacement;
      bytes.remove_prefix(1);
    } else {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return text;
}

}  // namespace treesmith
