// Feeds a body to a streaming reader, split in any way, and keeps what it told.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/stream.h"

namespace atonce::protocol {

class Told final : public StreamListener {
 public:
  void on_text(std::string_view piece) override {
    EXPECT_EQ(json::to_valid_utf8(piece), piece);
    pieces.emplace_back(piece);
  }
  void on_call(const call::Call& call) override { calls.push_back(call); }

  [[nodiscard]] std::string text() const {
    std::string all;
    for (const std::string& piece : pieces) all += piece;
    return all;
  }

  std::vector<std::string> pieces;
  std::vector<call::Call> calls;
};

struct Streamed {
  Result<ModelTurn> turn;
  Told told;
};

using MakeReader = std::function<std::unique_ptr<StreamReader>(StreamListener& listener)>;

// `next_size` says how long each piece is.
inline Streamed stream(const MakeReader& make_reader, std::string_view body,
                       const std::function<std::size_t()>& next_size) {
  Told told;
  const auto reader = make_reader(told);
  while (!body.empty()) {
    const std::string piece(body.substr(0, next_size()));  // its own memory: for the sanitizers
    body.remove_prefix(piece.size());
    if (auto fed = reader->feed(piece); !fed) return {std::unexpected(fed.error()), told};
  }
  auto turn = reader->finish();
  return {std::move(turn), std::move(told)};
}

inline void expect_same(const Streamed& one, const Streamed& other) {
  EXPECT_EQ(one.told.pieces, other.told.pieces);
  EXPECT_EQ(one.told.calls, other.told.calls);
  ASSERT_EQ(one.turn.has_value(), other.turn.has_value());
  if (!one.turn) {
    EXPECT_EQ(one.turn.error(), other.turn.error());
    return;
  }
  EXPECT_EQ(one.turn->raw_content, other.turn->raw_content);
  EXPECT_EQ(one.turn->text, other.turn->text);
  EXPECT_EQ(one.turn->calls, other.turn->calls);
  EXPECT_EQ(one.turn->finish, other.turn->finish);
  EXPECT_EQ(one.turn->finish_detail, other.turn->finish_detail);
  EXPECT_EQ(one.turn->usage, other.turn->usage);
}

// What comes of the body in one piece; fed byte by byte and in pieces of random size it must be the
// same.
inline Streamed stream_in_every_split(const MakeReader& make_reader, std::string_view body) {
  Streamed whole = stream(make_reader, body, [&] { return body.size(); });
  {
    SCOPED_TRACE("byte by byte");
    expect_same(stream(make_reader, body, [] { return std::size_t{1}; }), whole);
  }
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("random pieces, seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto size = [&] { return std::size_t{1} + random() % (std::size_t{1} << (2 * seed)); };
    expect_same(stream(make_reader, body, size), whole);
  }
  return whole;
}

}  // namespace atonce::protocol
