#include "protocol/openai_models.h"

#include <optional>

#include "base/json.h"
#include "protocol/json_fields.h"
#include "protocol/openai_error.h"

namespace atonce::protocol::openai {
namespace {

using json::Kind;
using json::View;

std::int64_t limit_of(const View& view) {
  for (const std::string_view key : {"context_window", "context_length", "max_model_len",
                                     "max_context_length", "max_input_tokens"}) {
    const auto member = view.find(key);
    if (const auto limit = member ? member->as_int64() : std::nullopt) return *limit;
  }
  return 0;
}

ModelInfo read_model(const View& view) {
  ModelInfo model{.id = text_of(view, "id"),
                  .display_name = text_of(view, "display_name"),
                  .input_token_limit = limit_of(view)};
  if (model.display_name.empty()) model.display_name = text_of(view, "name");
  if (model.display_name == model.id) model.display_name.clear();
  return model;
}

std::unexpected<Error> not_a_list(std::string_view body, const std::string& why) {
  const auto first = body.find_first_not_of(" \t\r\n");
  const bool is_page = first != std::string_view::npos && body[first] == '<';
  return failure(ErrorCode::bad_response,
                 is_page ? "the server answered with a web page, not with a list of models"
                         : "the server's answer is no list of models: " + why,
                 "check the base address of the API (OPENAI_BASE_URL), which often ends in /v1");
}

}  // namespace

Result<std::vector<ModelInfo>> read_models(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return not_a_list(body, document.error().message);
  const View root = document->root();
  if (root.is(Kind::object) && is_error(root)) return std::unexpected(read_reported_error(root));
  const auto list = root.is(Kind::array) ? std::optional(root) : root.find("data");
  if (!list || !list->is(Kind::array)) return not_a_list(body, "it has no data");
  std::vector<ModelInfo> models;
  for (const View& each : list->items()) {
    ModelInfo model = read_model(each);
    if (!model.id.empty()) models.push_back(std::move(model));
  }
  return models;
}

}  // namespace atonce::protocol::openai
