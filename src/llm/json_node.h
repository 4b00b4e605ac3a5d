// JsonNode: a view of a parsed JSON text that never fails to read.
//
// What is absent or of another kind reads as absent, empty or nothing: answers
// of providers are never trusted to have a shape. A node borrows from its
// JsonDocument. Any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace treesmith {

class JsonNode {
 public:
  JsonNode() = default;

  // A member of an object; absent when there is none.
  JsonNode operator[](std::string_view key) const;
  // An element of an array; absent when there is none.
  [[nodiscard]] JsonNode At(size_t index) const;
  // Elements of an array or members of an object, else 0.
  [[nodiscard]] size_t size() const;

  // Neither missing nor null.
  [[nodiscard]] bool Present() const;
  [[nodiscard]] bool IsText() const;
  [[nodiscard]] bool IsObject() const;
  [[nodiscard]] bool IsArray() const;
  // Only JSON's true.
  [[nodiscard]] bool IsTrue() const;

  // Empty unless it is a text.
  [[nodiscard]] std::string Text() const;
  // A finite number, also an integer, also written as a text ("0.8").
  [[nodiscard]] std::optional<double> Number() const;
  // The same cut to an integer; nothing outside of int64.
  [[nodiscard]] std::optional<int64_t> Integer() const;
  // Valid JSON; "null" when absent.
  [[nodiscard]] std::string Dump() const;

 private:
  friend class JsonDocument;
  explicit JsonNode(const void* node) : node_(node) {}
  const void* node_ = nullptr;
};

class JsonDocument {
 public:
  // Nothing when the text is not JSON. Invalid UTF-8 is replaced, not refused.
  static std::optional<JsonDocument> Parse(std::string_view text);
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();
  [[nodiscard]] JsonNode root() const;

 private:
  struct Tree;
  explicit JsonDocument(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

// Each byte that is no part of a valid UTF-8 character becomes U+FFFD.
std::string ReplaceInvalidUtf8(std::string_view bytes);

}  // namespace treesmith
