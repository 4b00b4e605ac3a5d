// Secret: a key that cannot be printed by accident.
//
// It has no stream operator and no conversion; Reveal() is called where a
// request goes out (llm/http_transport.cc) and nowhere else. Scrub() takes a
// key out of what the world sends back.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace treesmith {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] bool empty() const { return value_.empty(); }
  [[nodiscard]] const std::string& Reveal() const { return value_; }

  // The text with this key, and whatever looks like a key of a known vendor
  // (`sk-...`, `AIza...`, `Bearer ...`), replaced by `[key]`. Providers echo
  // keys in error messages, also masked in part.
  [[nodiscard]] std::string Scrub(std::string_view text) const;
  // Only this key: for answers, where a script may well hold `sk-...`.
  [[nodiscard]] std::string ScrubExact(std::string_view text) const;

 private:
  std::string value_;
};

}  // namespace treesmith
