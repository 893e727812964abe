// Golden cases of streamed answers: `events` (a string standing for its text) or `stream_text`, the
// exact bytes. `expect` is the turn, with what is to be echoed and the text that was told before an
// {error}. Every body is fed whole, byte by byte and in random pieces.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/same_json.h"
#include "protocol/streamed.h"

namespace atonce::protocol::golden {

// The events as they are sent; `type_key` is the member that names an event, if events have names.
inline std::string body_of(const std::vector<json::View>& events, std::string_view type_key = {}) {
  std::string body;
  for (const json::View& event : events) {
    std::string data(event.as_string().value_or(event.raw()));
    std::ranges::replace(data, '\n', ' ');
    if (!type_key.empty()) body += "event: " + text_of(event, type_key) + "\n";
    body += "data: " + data + "\n\n";
  }
  return body;
}

// `echo_key` is the member of `expected` that holds what is to be echoed.
inline void check_stream(Wire wire, const MakeReader& make_reader, const std::string& body,
                         const json::View& expected, std::string_view echo_key) {
  const Streamed streamed = stream_in_every_split(make_reader, body);
  EXPECT_EQ(streamed.told.text(), text_of(expected, "text"));
  if (const auto error = expected.find("error")) {
    ASSERT_FALSE(streamed.turn);
    return check_error(streamed.turn.error(), *error);
  }
  ASSERT_TRUE(streamed.turn) << streamed.turn.error().message;
  EXPECT_EQ(streamed.turn->wire, wire);
  check_turn(*streamed.turn, expected);
  // Told once each, those that are complete early first.
  EXPECT_TRUE(std::ranges::is_permutation(streamed.told.calls, streamed.turn->calls));
  ASSERT_TRUE(expected.find(echo_key));
  EXPECT_TRUE(same_json(streamed.turn->raw_content, expected.find(echo_key)->raw()));
}

}  // namespace atonce::protocol::golden
