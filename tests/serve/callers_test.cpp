#include "serve/callers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "engine/fakes.h"

namespace atonce::serve {
namespace {

using namespace std::chrono_literals;

// A file of tokens, while it lives.
class TokenFile {
 public:
  explicit TokenFile(const std::string& text) { write(text); }
  ~TokenFile() { std::filesystem::remove(path_); }
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  void remove() const { std::filesystem::remove(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() /
      ("atonce-tokens-" + std::to_string(::getpid()) + "-" +
       ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST(Tokens, BelongToTheirOwners) {
  const TokenFile file("# who may ask\n\nann  s3cret\r\n  bob\tother \n");

  const auto tokens = Tokens::read(file.path());

  ASSERT_TRUE(tokens);
  EXPECT_EQ((*tokens)->owner_of("s3cret"), "ann");
  EXPECT_EQ((*tokens)->owner_of("other"), "bob");
  for (const std::string_view none : {"", "S3CRET", "s3cre", "s3cret ", "ann", "# who may ask"}) {
    EXPECT_FALSE((*tokens)->owner_of(none)) << none;
  }
}

TEST(Tokens, AreGoneOnceTheFileIsReadWithoutThem) {
  const TokenFile file("ann one\nbob two\n");
  const auto tokens = Tokens::read(file.path());
  ASSERT_TRUE(tokens);

  file.write("bob two\ncarl three\n");
  EXPECT_EQ((*tokens)->owner_of("one"), "ann");
  ASSERT_TRUE((*tokens)->reload());

  EXPECT_FALSE((*tokens)->owner_of("one"));
  EXPECT_EQ((*tokens)->owner_of("two"), "bob");
  EXPECT_EQ((*tokens)->owner_of("three"), "carl");
}

TEST(Tokens, StayWhenTheFileCannotBeRead) {
  const TokenFile file("ann one\n");
  const auto tokens = Tokens::read(file.path());
  ASSERT_TRUE(tokens);

  file.write("ann one two\n");
  const auto bad = (*tokens)->reload();
  file.remove();
  const auto missing = (*tokens)->reload();

  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::bad_input);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_EQ((*tokens)->owner_of("one"), "ann");
}

TEST(Tokens, NameTheLineThatIsWrong) {
  const TokenFile file("ann one\n# fine\njust-a-name\n");

  const auto tokens = Tokens::read(file.path());

  ASSERT_FALSE(tokens);
  EXPECT_TRUE(tokens.error().message.contains(":3 ")) << tokens.error().message;
  EXPECT_FALSE(tokens.error().message.contains("just-a-name")) << "it may be a token";
}

TEST(RateLimit, LetsABurstInAndThenOneAtATime) {
  engine::FakeClock clock;
  RateLimit limit(2, clock);

  for (int request = 0; request < 4; ++request) EXPECT_FALSE(limit.take("ann")) << request;
  EXPECT_EQ(limit.take("ann"), 500ms);
  clock.advance(250ms);
  EXPECT_EQ(limit.take("ann"), 250ms);
  clock.advance(250ms);
  EXPECT_FALSE(limit.take("ann"));
  EXPECT_EQ(limit.take("ann"), 500ms);
}

TEST(RateLimit, IsEachCallersOwn) {
  engine::FakeClock clock;
  RateLimit limit(0.5, clock);

  EXPECT_FALSE(limit.take("ann"));
  EXPECT_EQ(limit.take("ann"), 2000ms);
  EXPECT_FALSE(limit.take("bob"));
}

TEST(RateLimit, SavesNoMoreThanOneBurst) {
  engine::FakeClock clock;
  RateLimit limit(1, clock);
  EXPECT_FALSE(limit.take("ann"));

  clock.advance(1h);

  EXPECT_FALSE(limit.take("ann"));
  EXPECT_FALSE(limit.take("ann"));
  EXPECT_TRUE(limit.take("ann"));
}

}  // namespace
}  // namespace atonce::serve
