// Errors as values: what went wrong, where, what to do, and the exit code of the tool that meets it.
#pragma once
#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace ph {

/// The kind of a failure; its number is the exit code of every tool.
enum class ErrorCode : int { Failed = 1, Usage = 2, BadModel = 3, WontFit = 4, Disk = 5, Interrupted = 130 };

/// One failure. `message` is a sentence that names the thing (file, offset, tensor, key) and what to do about it.
struct Error {
  ErrorCode code = ErrorCode::Failed;
  std::string message;
};

/// Nothing, or an Error. Tests true when it failed, as llvm::Error does: `if (auto e = f()) return e;`.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Error error) : failure(std::move(error)) {}
  explicit operator bool() const { return failure.has_value(); }
  const Error &error() const { return *failure; }

private:
  std::optional<Error> failure;
};

/// A T, or the Error that kept it from being made. Tests true when it holds a T.
template <class T> class [[nodiscard]] Expected {
public:
  Expected(T value) : state(std::in_place_index<0>, std::move(value)) {}
  Expected(Error error) : state(std::in_place_index<1>, std::move(error)) {}
  explicit operator bool() const { return state.index() == 0; }
  T &operator*() { return std::get<0>(state); }
  const T &operator*() const { return std::get<0>(state); }
  T *operator->() { return &std::get<0>(state); }
  const T *operator->() const { return &std::get<0>(state); }
  const Error &error() const { return std::get<1>(state); }

private:
  std::variant<T, Error> state;
};

} // namespace ph
