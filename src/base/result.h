// Result<T> and Status: how a failure of the world travels.
//
// What a script did is data (model/outcome.h) and what we did wrong is a CHECK
// (base/check.h); everything else that can go wrong is an Error in a Result.
// Both types are [[nodiscard]]: check them where they are returned, with TRY
// or TRY_ASSIGN, or handle them. Values of all types here may be used by any
// thread that owns them.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace treesmith {

// What a caller may want to branch on. The exit code of the program follows
// from it (app/exit_code.h).
enum class ErrorKind {
  kFailed,       // the world refused: disk, network, a process
  kBadInput,     // the user's files or flags; one clear line, exit 2
  kEnvironment,  // something that must be installed or allowed; exit 3
  kCancelled,    // stop was asked for
  kFull,         // the disk (or a quota) is full
  kLost,         // the place where it ran is gone; try again elsewhere
};

struct Error {
  ErrorKind kind = ErrorKind::kFailed;
  // "<act> <object>: <cause>", for instance "open runs/7.db: permission
  // denied". One line, no secrets.
  std::string message;
  // How to mend it, where that is known; shown as a line of its own.
  std::string hint = {};

  // The same error seen from one layer up: "<act>: <message>".
  [[nodiscard]] Error Wrap(const std::string& act) const {
    return {kind, act + ": " + message, hint};
  }
};

inline Error Failed(std::string message) {
  return {ErrorKind::kFailed, std::move(message)};
}
inline Error BadInput(std::string message, std::string hint = {}) {
  return {ErrorKind::kBadInput, std::move(message), std::move(hint)};
}

// "<act> <object>: <text of errno>"; kFull for ENOSPC and EDQUOT. Reads errno,
// so call it before anything else can change it.
Error ErrnoError(const std::string& act, const std::string& object);
Error ErrnoError(const std::string& act, const std::string& object, int code);

template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: functions return a value or an Error as it stands.
  Result(T value) : value_(std::move(value)) {}                     // NOLINT
  Result(Error error) : value_(std::unexpect, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok()
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

  // REQUIRES: !ok()
  [[nodiscard]] const Error& error() const& { return value_.error(); }
  [[nodiscard]] Error error() && { return std::move(value_.error()); }

 private:
  std::expected<T, Error> value_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : value_(std::unexpect, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  // REQUIRES: !ok()
  [[nodiscard]] const Error& error() const& { return value_.error(); }
  [[nodiscard]] Error error() && { return std::move(value_.error()); }

 private:
  std::expected<void, Error> value_;
};

using Status = Result<void>;

#define TREESMITH_CONCAT_INNER(a, b) a##b
#define TREESMITH_CONCAT(a, b) TREESMITH_CONCAT_INNER(a, b)

// Returns the error of a Status or Result to the caller.
#define TRY(expression)                                           \
  do {                                                            \
    auto try_result_ = (expression);                              \
    if (!try_result_.ok()) return std::move(try_result_).error(); \
  } while (false)

// TRY_ASSIGN(auto value, Call()): binds the value or returns the error.
#define TRY_ASSIGN(declaration, expression)                                  \
  TREESMITH_TRY_ASSIGN(TREESMITH_CONCAT(try_assign_, __LINE__), declaration, \
                       expression)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration takes none.
#define TREESMITH_TRY_ASSIGN(result, declaration, expression) \
  auto result = (expression);                                 \
  if (!result.ok()) return std::move(result).error();         \
  declaration = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace treesmith
