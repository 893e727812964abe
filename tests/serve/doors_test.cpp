#include "serve/doors.h"

#include <gtest/gtest.h>

namespace atonce::serve {
namespace {

using Header = std::optional<std::string_view>;

int status(const Doors& doors, Header host, Header origin = std::nullopt) {
  const auto refused = doors.check(host, origin);
  return refused ? refused->status : 200;
}

TEST(Doors, OnThisMachineAreOpenToItsOwnNames) {
  const Doors doors({});
  for (const std::string_view host : {"localhost", "localhost:8000", "LOCALHOST:8000", "127.0.0.1",
                                      "127.0.0.1:1", "[::1]", "[::1]:8000"}) {
    EXPECT_EQ(status(doors, host), 200) << host;
  }
}

TEST(Doors, OnThisMachineAreShutForOtherNames) {
  const Doors doors({});
  for (const std::string_view host :
       {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8000", "evil.localhost",
        "127.0.0.2", "", "localhost@evil.example", "[::2]:8000"}) {
    EXPECT_EQ(status(doors, host), 421) << host;
  }
  EXPECT_EQ(status(doors, std::nullopt), 421);
}

TEST(Doors, NameTheFlagThatOpensThem) {
  const Doors doors({});

  EXPECT_TRUE(
      doors.check("tools.example", std::nullopt)->why.contains("--allowed-hosts tools.example"));
  EXPECT_TRUE(doors.check("localhost", "https://app.example")
                  ->why.contains("--allowed-origins https://app.example"));
}

TEST(Doors, AreOpenToTheHostsThatAreAllowed) {
  const Doors doors({.hosts = {"tools.example", "other.example:444"}});

  EXPECT_EQ(status(doors, "tools.example"), 200);
  EXPECT_EQ(status(doors, "Tools.Example:8000"), 200);
  EXPECT_EQ(status(doors, "other.example:444"), 200);
  EXPECT_EQ(status(doors, "other.example:445"), 421);
  EXPECT_EQ(status(doors, "localhost:8000"), 200);
  EXPECT_EQ(status(doors, "evil.example"), 421);
  EXPECT_EQ(status(Doors({.hosts = {"*"}}), "evil.example"), 200);
}

TEST(Doors, ToTheWorldAreOpenToEveryNameUntilSomeAreAllowed) {
  EXPECT_EQ(status(Doors({.is_loopback = false}), "anything.example"), 200);
  EXPECT_EQ(status(Doors({.is_loopback = false, .hosts = {"a.example"}}), "b.example"), 421);
  EXPECT_EQ(status(Doors({.is_loopback = false, .hosts = {"a.example"}}), "a.example"), 200);
}

TEST(Doors, LetPagesOfThisMachineIn) {
  const Doors doors({});

  EXPECT_EQ(status(doors, "localhost:8000", "http://localhost:8000"), 200);
  EXPECT_EQ(status(doors, "localhost:8000", "http://127.0.0.1:3000"), 200);
  EXPECT_EQ(status(doors, "localhost:8000", "https://[::1]:3000"), 200);
}

TEST(Doors, KeepOtherPagesOut) {
  const Doors doors({});
  for (const std::string_view origin :
       {"https://evil.example", "http://localhost.evil.example", "http://localhost@evil.example",
        "null", "", "localhost:8000", "file://", "http://", "http://localhost/x",
        "HTTP://EVIL.example"}) {
    EXPECT_EQ(status(doors, "localhost:8000", origin), 403) << origin;
  }
}

TEST(Doors, LetThePagesInThatAreAllowed) {
  const Doors doors({.origins = {"https://app.example"}});

  EXPECT_EQ(status(doors, "localhost", "https://app.example"), 200);
  EXPECT_EQ(status(doors, "localhost", "https://app.example:444"), 403);
  EXPECT_EQ(status(doors, "localhost", "http://app.example"), 403);
  EXPECT_EQ(status(doors, "localhost", "https://app.example.evil.example"), 403);
  EXPECT_EQ(status(Doors({.origins = {"*"}}), "localhost", "null"), 200);
}

TEST(Doors, ToTheWorldLetInOnlyPagesOfTheirOwnHost) {
  const Doors doors({.is_loopback = false});

  EXPECT_EQ(status(doors, "tools.example", "https://tools.example"), 200);
  EXPECT_EQ(status(doors, "tools.example", "http://localhost:3000"), 403);
  EXPECT_EQ(status(doors, "tools.example", "https://evil.example"), 403);
}

}  // namespace
}  // namespace atonce::serve
