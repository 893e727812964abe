// Reading and copying the members of a JSON object, for the adapters of every wire. What is not
// there, or of another kind than asked for, is as good as absent.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace atonce::protocol {

// The text that the value is; empty if it is none or there is no value.
[[nodiscard]] std::string text_of(const std::optional<json::View>& value);

// The same of a member.
[[nodiscard]] std::string text_of(const json::View& object, std::string_view key);

// The member as a count; 0 if there is none, it is no integer or it is negative.
[[nodiscard]] std::int64_t count_of(const json::View& object, std::string_view key);

// The member, if it is there and not null.
[[nodiscard]] std::optional<json::View> find_value(const json::View& object, std::string_view key);

// Writes every member that is not among `left_out`, as it came.
void copy_members(json::Writer& writer, const json::View& object,
                  std::initializer_list<std::string_view> left_out);

// The JSON object that `text` is, without what may stand around it (blanks, a byte order mark);
// nothing if it is none.
[[nodiscard]] std::optional<std::string> read_object(std::string_view text);

}  // namespace atonce::protocol
