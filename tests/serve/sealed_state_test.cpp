#include "serve/sealed_state.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace atonce::serve {
namespace {

TEST(SealedState, OpensForWhatItWasSealedFor) {
  const Seal seal;

  EXPECT_EQ(seal.open(seal.close("the text", "ann asks"), "ann asks"), "the text");
  EXPECT_EQ(seal.open(seal.close("", ""), ""), "");
  EXPECT_EQ(seal.open(seal.close(std::string(100'000, 'x'), "a"), "a"), std::string(100'000, 'x'));
}

TEST(SealedState, ShowsNothingAndIsNeverTheSame) {
  const Seal seal;

  const std::string sealed = seal.close("the text", "ann asks");

  EXPECT_FALSE(from_base64(sealed.substr(3))->contains("text"));
  EXPECT_NE(sealed, seal.close("the text", "ann asks"));
}

TEST(SealedState, StaysShutForSomethingElse) {
  const Seal seal;
  const std::string sealed = seal.close("the text", "ann asks");

  EXPECT_FALSE(seal.open(sealed, "bob asks"));
  EXPECT_FALSE(seal.open(sealed, ""));
}

TEST(SealedState, StaysShutForAnotherServer) {
  const Seal one;
  const Seal other;

  EXPECT_FALSE(other.open(one.close("the text", "ann asks"), "ann asks"));
}

TEST(SealedState, StaysShutWhenAnyByteHasChanged) {
  const Seal seal;
  const std::string sealed = seal.close("the text", "ann asks");
  const std::string bytes = *from_base64(sealed.substr(3));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);

    EXPECT_FALSE(seal.open("v1." + to_base64(changed), "ann asks")) << at;
  }
}

TEST(SealedState, StaysShutWhenItIsNone) {
  const Seal seal;
  const std::string sealed = seal.close("the text", "ann asks");

  for (const std::string& text :
       {std::string(), std::string("v1."), std::string("v1.AAAA"), sealed + "-TAMPERED",
        sealed.substr(0, sealed.size() - 4), "v2." + sealed.substr(3), sealed.substr(3)}) {
    EXPECT_FALSE(seal.open(text, "ann asks")) << text;
  }
}

}  // namespace
}  // namespace atonce::serve
