#include "protocol/gemini_models.h"

#include <optional>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/gemini_turn.h"
#include "protocol/json_fields.h"

namespace atonce::protocol::gemini {
namespace {

using json::Kind;
using json::View;

std::int64_t count_of(const std::optional<View>& view) {
  return view ? view->as_int64().value_or(0) : 0;
}

// A body that is an object and no error.
Result<json::Document> parse_answer(std::string_view body) {
  auto document = json::Document::parse(body);
  if (!document) return not_a_response(body, document.error().message);
  const View root = document->root();
  if (!root.is(Kind::object)) return not_a_response(body, "it is no object");
  if (const auto error = root.find("error"); error && error->is(Kind::object)) {
    const auto code = error->find("code");
    const auto status = code ? code->as_int64().value_or(500) : 500;
    return std::unexpected(read_error(static_cast<int>(status), body, ""));
  }
  return document;
}

ModelInfo read_model(const View& view) {
  ModelInfo model{.name = text_of(view.find("name")),
                  .display_name = text_of(view.find_either("displayName", "display_name")),
                  .description = text_of(view.find("description"))};
  for (const std::string_view prefix : {"models/", "publishers/google/models/"}) {
    if (model.name.starts_with(prefix)) model.name.erase(0, prefix.size());
  }
  const auto methods =
      view.find_either("supportedGenerationMethods", "supported_generation_methods");
  for (const View& method : methods ? methods->items() : std::vector<View>{}) {
    if (const auto name = method.as_string()) model.methods.emplace_back(*name);
  }
  model.input_token_limit = count_of(view.find_either("inputTokenLimit", "input_token_limit"));
  model.output_token_limit = count_of(view.find_either("outputTokenLimit", "output_token_limit"));
  return model;
}

}  // namespace

Result<ModelsPage> read_models(std::string_view body) {
  const auto document = parse_answer(body);
  if (!document) return std::unexpected(document.error());
  const View root = document->root();
  const auto own = root.find("models");
  const auto models = own ? own : root.find_either("publisherModels", "publisher_models");
  const bool is_list = models ? models->is(Kind::array) : root.members().empty();
  if (!is_list) return not_a_response(body, "it has no models");
  ModelsPage page{.models = {},
                  .next_page_token = text_of(root.find_either("nextPageToken", "next_page_token"))};
  for (const View& each : models ? models->items() : std::vector<View>{}) {
    ModelInfo model = read_model(each);
    if (!model.name.empty()) page.models.push_back(std::move(model));
  }
  return page;
}

std::string write_count_request(const ModelRequest& request, std::string_view model) {
  const std::string path =
      model.contains('/') ? std::string(model) : "models/" + std::string(model);
  // A request is an object with contents at least, so the model can go first in it.
  const std::string asked = write_request(request, {.model = std::string(model)});
  return R"({"generateContentRequest":{"model":)" + json::quoted(path) + "," + asked.substr(1) +
         "}";
}

std::string write_vertex_count_request(const ModelRequest& request, std::string_view model) {
  const auto whole = json::Document::parse(
      write_request(request, {.model = std::string(model), .is_vertex = true}));
  ATONCE_CHECK(whole, "a request that was written is JSON");
  json::Writer writer;
  writer.begin_object();
  for (const std::string_view key :
       {"contents", "systemInstruction", "tools", "generationConfig"}) {
    if (const auto part = whole->root().find(key)) writer.key(key).raw(part->raw());
  }
  writer.end_object();
  return writer.take();
}

Result<std::int64_t> read_count(std::string_view body) {
  const auto document = parse_answer(body);
  if (!document) return std::unexpected(document.error());
  const auto total = document->root().find_either("totalTokens", "total_tokens");
  const auto count = total ? total->as_int64() : std::nullopt;
  if (!count) return not_a_response(body, "it has no totalTokens");
  return *count;
}

}  // namespace atonce::protocol::gemini
