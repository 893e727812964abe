#include "protocol/json_array_stream.h"

#include <utility>

namespace atonce::protocol {

JsonArrayStream::JsonArrayStream(OnElement on_element, std::size_t max_element_bytes)
    : on_element_(std::move(on_element)), max_element_bytes_(max_element_bytes) {}

Result<void> JsonArrayStream::feed(std::string_view bytes) {
  std::size_t from = 0;  // where the open element, or its rest, begins in `bytes`
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (depth_ == 0) {
      from = at;
      if (auto taken = take_between(bytes[at]); !taken) return taken;
      continue;
    }
    if (!take_inside(bytes[at])) continue;
    if (auto kept = keep(bytes.substr(from, at + 1 - from)); !kept) return kept;
    const std::string element = std::exchange(element_, {});
    if (auto told = on_element_(element); !told) return told;
  }
  return depth_ > 0 ? keep(bytes.substr(from)) : Result<void>{};
}

Result<void> JsonArrayStream::keep(std::string_view piece) {
  if (element_.size() + piece.size() > max_element_bytes_) {
    return failure(ErrorCode::bad_response, "an element of the server's answer is longer than " +
                                                std::to_string(max_element_bytes_) + " bytes");
  }
  element_ += piece;
  return {};
}

Result<void> JsonArrayStream::finish() const {
  if (is_complete()) return {};
  return failure(ErrorCode::bad_response, "the server's answer broke off before its end");
}

Result<void> JsonArrayStream::take_between(char c) {
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return {};
  if (c == ',' && is_in_array_) return {};
  if (c == '{') {
    depth_ = 1;
  } else if (c == '[' && !is_in_array_) {
    is_in_array_ = true;
  } else if (c == ']' && is_in_array_) {
    is_in_array_ = false;
  } else {
    return failure(ErrorCode::bad_response, "the server's answer is no JSON array of objects");
  }
  return {};
}

// Whether `c` closes the element.
bool JsonArrayStream::take_inside(char c) {
  if (is_in_string_) {
    if (is_after_backslash_) {
      is_after_backslash_ = false;
    } else if (c == '\\') {
      is_after_backslash_ = true;
    } else if (c == '"') {
      is_in_string_ = false;
    }
    return false;
  }
  if (c == '"') is_in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  return (c == '}' || c == ']') && --depth_ == 0;
}

}  // namespace atonce::protocol
