#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/gemini_media.h"

namespace atonce::protocol::gemini {
namespace {

// Gemini 3 refuses calls of the current turn without a signature; this one, which Google documents,
// stands for calls that the model did not make itself. On the first call of a step only.
constexpr std::string_view kForeignSignature = "skip_thought_signature_validator";

std::string_view mode_name(CallMode mode) {
  switch (mode) {
    case CallMode::automatic: return "AUTO";
    case CallMode::any: return "ANY";
    case CallMode::none: return "NONE";
    case CallMode::validated: return "VALIDATED";
  }
  return "AUTO";
}

void write_text_content(json::Writer& writer, std::string_view role, std::string_view text) {
  writer.begin_object().key("role").string(role).key("parts").begin_array();
  writer.begin_object().key("text").string(text).end_object();
  writer.end_array().end_object();
}

bool is_object(std::string_view text) {
  const auto document = json::Document::parse(text);
  return document && document->root().is(json::Kind::object);
}

// A turn that did not come over this wire. What has neither text nor calls is left out: the API
// refuses contents without parts.
void write_foreign_turn(json::Writer& writer, const ModelTurn& turn) {
  if (turn.text.empty() && turn.calls.empty()) return;
  writer.begin_object().key("role").string("model").key("parts").begin_array();
  if (!turn.text.empty()) writer.begin_object().key("text").string(turn.text).end_object();
  for (const call::Call& call : turn.calls) {
    writer.begin_object().key("functionCall").begin_object();
    if (!call.id.empty()) writer.key("id").string(call.id);
    writer.key("name").string(call.name);
    // Other dialects carry arguments as text, which need not be JSON; args must be an object.
    writer.key("args").raw(is_object(call.arguments) ? call.arguments : "{}").end_object();
    if (&call == &turn.calls.front()) writer.key("thoughtSignature").string(kForeignSignature);
    writer.end_object();
  }
  writer.end_array().end_object();
}

// The model's own content goes back byte for byte, except that one without a role is given it.
void write_turn(json::Writer& writer, const ModelTurn& turn) {
  if (turn.wire != Wire::gemini) return write_foreign_turn(writer, turn);
  const auto document = json::Document::parse(turn.raw_content);
  const auto parts = document ? document->root().find("parts") : std::nullopt;
  if (!parts || !parts->is(json::Kind::array) || parts->items().empty()) {
    return write_foreign_turn(writer, turn);
  }
  if (document->root().find("role")) {
    writer.raw(document->root().raw());
    return;
  }
  writer.begin_object().key("role").string("model");
  for (const auto& [key, value] : document->root().members()) writer.key(key).raw(value.raw());
  writer.end_object();
}

void write_media(json::Writer& writer, const std::vector<Media>& media) {
  if (media.empty()) return;
  writer.key("parts").begin_array();
  for (const Media& item : media) {
    writer.begin_object().key("inlineData").begin_object();
    writer.key("mimeType").string(item.media_type).key("data").string(item.data);
    writer.key("displayName").string(item.name).end_object().end_object();
  }
  writer.end_array();
}

// Writes the contents of a request, minding which calls the next results answer.
class ContentsWriter {
 public:
  ContentsWriter(json::Writer& writer, bool takes_media)
      : writer_(writer), takes_media_(takes_media) {}

  void write(std::span<const Message> messages) {
    writer_.key("contents").begin_array();
    for (const Message& message : messages) {
      if (const auto* turn = std::get_if<ModelTurn>(&message)) {
        write_turn(writer_, *turn);
        for (const call::Call& call : turn->calls) asked_.push_back(&call);
        continue;
      }
      if (const auto* results = std::get_if<FunctionResults>(&message)) {
        write_results(*results);
      } else {
        write_text_content(writer_, "user", std::get<UserText>(message).text);
      }
      asked_.clear();
    }
    writer_.end_array();
  }

 private:
  // All results in one content, in call order: the API counts them against the calls. The ids of
  // the calls that they answer count; the engine's own are used only if it cannot be those.
  void write_results(const FunctionResults& results) {
    if (results.calls.empty()) return;
    const bool has_asked = asked_.size() == results.calls.size();
    writer_.begin_object().key("role").string("user").key("parts").begin_array();
    for (std::size_t at = 0; at < results.calls.size(); ++at) {
      const call::Finished& finished = results.calls[at];
      write_response(finished, has_asked ? asked_[at]->id : finished.call.id);
    }
    writer_.end_array().end_object();
  }

  void write_response(const call::Finished& finished, const std::string& id) {
    writer_.begin_object().key("functionResponse").begin_object();
    if (!id.empty()) writer_.key("id").string(id);
    writer_.key("name").string(finished.call.name).key("response").begin_object();
    const auto* const returned = std::get_if<call::Returned>(&finished.outcome);
    if (returned == nullptr) {
      writer_.key("error").string(describe(finished.outcome)).end_object();
    } else if (takes_media_) {
      const ResultWithMedia result = extract_media(returned->result);
      writer_.key("output").raw(result.json).end_object();
      write_media(writer_, result.media);
    } else {
      writer_.key("output").raw(returned->result).end_object();
    }
    writer_.end_object().end_object();
  }

  json::Writer& writer_;
  const bool takes_media_;
  std::vector<const call::Call*> asked_;  // and not answered yet
};

// The declarations that the request may use; without any, neither tools nor toolConfig is sent,
// because the API refuses a mode without functions.
std::vector<std::string_view> find_declarations(const ModelRequest& request) {
  std::vector<std::string_view> declarations;
  for (const call::ToolSpec& tool : request.tools) {
    const bool is_out = request.mode == CallMode::automatic && !request.allowed.empty() &&
                        std::ranges::find(request.allowed, tool.name) == request.allowed.end();
    const std::string& declaration = tool.declaration(call::Dialect::gemini);
    if (!is_out && !declaration.empty()) declarations.push_back(declaration);
  }
  return declarations;
}

void write_tools(json::Writer& writer, const ModelRequest& request) {
  const std::vector<std::string_view> declarations = find_declarations(request);
  if (declarations.empty()) return;
  writer.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
  for (const std::string_view declaration : declarations) writer.raw(declaration);
  writer.end_array().end_object().end_array();

  writer.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
  writer.key("mode").string(mode_name(request.mode));
  const bool takes_names = request.mode == CallMode::any || request.mode == CallMode::validated;
  if (takes_names && !request.allowed.empty()) {
    writer.key("allowedFunctionNames").begin_array();
    for (const std::string& name : request.allowed) writer.string(name);
    writer.end_array();
  }
  writer.end_object().end_object();
}

void write_generation_config(json::Writer& writer, const ModelRequest& request) {
  if (!request.temperature && !request.max_output_tokens) return;
  writer.key("generationConfig").begin_object();
  if (request.temperature) writer.key("temperature").number(*request.temperature);
  if (request.max_output_tokens) writer.key("maxOutputTokens").integer(*request.max_output_tokens);
  writer.end_object();
}

// Of the last message, if it is a turn that is to go on; empty otherwise.
std::string_view continuation_token(std::span<const Message> messages) {
  const auto* const turn = messages.empty() ? nullptr : std::get_if<ModelTurn>(&messages.back());
  return turn != nullptr && turn->wire == Wire::gemini ? turn->continuation_token
                                                       : std::string_view{};
}

}  // namespace

std::string write_request(const ModelRequest& request, const Options& options) {
  json::Writer writer;
  writer.begin_object();
  const std::string_view token = continuation_token(request.messages);
  const auto messages =
      token.empty() ? request.messages : request.messages.first(request.messages.size() - 1);
  ContentsWriter(writer, takes_media_results(options.model)).write(messages);
  if (!request.system.empty()) {
    writer.key("systemInstruction").begin_object().key("parts").begin_array();
    writer.begin_object().key("text").string(request.system).end_object();
    writer.end_array().end_object();
  }
  write_tools(writer, request);
  write_generation_config(writer, request);
  if (!token.empty()) writer.key("continuationToken").string(token);
  writer.end_object();
  return writer.take();
}

}  // namespace atonce::protocol::gemini
