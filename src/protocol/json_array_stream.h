// Cuts a body that is a JSON array of objects, or one object after another, into the texts of its
// objects while it comes: what Gemini streams when it is not asked for events.
//
// It follows braces and quotes only; whether an element is JSON is for who parses it. Thread
// safety: one thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace atonce::protocol {

class JsonArrayStream final {
 public:
  static constexpr std::size_t kMostElementBytes = std::size_t{64} << 20;

  // Told each element's exact text, as soon as its last brace is there. An error that it returns
  // ends feed() with that error.
  using OnElement = std::function<Result<void>(std::string_view element)>;

  explicit JsonArrayStream(OnElement on_element, std::size_t max_element_bytes = kMostElementBytes);

  // The next bytes, split anywhere. After an error the stream is to be given up.
  // Errors: bad_response for what cannot be such a body or is too long; those of `on_element`.
  [[nodiscard]] Result<void> feed(std::string_view bytes);

  // The end of the body. Errors: bad_response when an element or the array is not closed.
  [[nodiscard]] Result<void> finish() const;

  // Whether nothing that was opened is still open.
  [[nodiscard]] bool is_complete() const { return depth_ == 0 && !is_in_array_; }

 private:
  [[nodiscard]] Result<void> take_between(char c);
  bool take_inside(char c);
  [[nodiscard]] Result<void> keep(std::string_view piece);

  OnElement on_element_;
  std::size_t max_element_bytes_;
  std::string element_;  // of the open one, what came before the bytes now fed
  std::size_t depth_ = 0;
  bool is_in_string_ = false;
  bool is_after_backslash_ = false;
  bool is_in_array_ = false;
};

}  // namespace atonce::protocol
