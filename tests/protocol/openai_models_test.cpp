#include "protocol/openai_models.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace atonce::protocol {
namespace {

TEST(OpenAiModels, AreReadFromEveryFormOfTheList) {
  const auto own = openai::read_models(
      R"({"object":"list","data":[{"id":"gpt-5","object":"model","created":1,"owned_by":"x"}]})");
  const auto array = openai::read_models(R"([{"id":"a/b","name":"B","context_length":"8192"}])");

  ASSERT_TRUE(own) << own.error().message;
  ASSERT_EQ(own->size(), 1U);
  EXPECT_EQ(own->at(0).id, "gpt-5");
  EXPECT_EQ(own->at(0).display_name, "");
  EXPECT_EQ(own->at(0).input_token_limit, 0);
  ASSERT_TRUE(array) << array.error().message;
  ASSERT_EQ(array->size(), 1U);
  EXPECT_EQ(array->at(0).display_name, "B");
  EXPECT_EQ(array->at(0).input_token_limit, 8192);
}

TEST(OpenAiModels, TheLimitHasManyNames) {
  for (const char* name : {"context_window", "max_model_len", "max_context_length"}) {
    const auto models =
        openai::read_models(R"({"data":[{"id":"m","name":"m",")" + std::string(name) + R"(":7}]})");

    ASSERT_TRUE(models);
    EXPECT_EQ(models->at(0).input_token_limit, 7) << name;
    EXPECT_EQ(models->at(0).display_name, "") << "the id is no name to show";
  }
}

TEST(OpenAiModels, WhatIsNoListIsRefused) {
  const std::string no_list = "the server's answer is no list of models: ";
  for (const auto& [body, message] : std::vector<std::pair<std::string, std::string>>{
           {"{}", no_list + "it has no data"},
           {R"({"data":{}})", no_list + "it has no data"},
           {"<html>", "the server answered with a web page, not with a list of models"},
           {R"({"error":"model runner has stopped"})",
            "the server reported an error: model runner has stopped"}}) {
    const auto models = openai::read_models(body);

    ASSERT_FALSE(models) << body;
    EXPECT_EQ(models.error().message, message);
  }
}

}  // namespace
}  // namespace atonce::protocol
