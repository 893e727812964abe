#include "protocol/mcp_message.h"

#include <utility>

namespace atonce::protocol::mcp {
namespace {

using json::Kind;
using json::View;

RpcError invalid(std::string why) { return {kInvalidRequest, std::move(why)}; }

// A number without fraction and exponent, or a string.
bool is_id(const View& value) {
  if (value.is(Kind::string)) return true;
  return value.is(Kind::number) &&
         value.raw().find_first_not_of("-0123456789") == std::string_view::npos;
}

}  // namespace

struct Reader {
  static std::expected<Message, RpcError> read(const View& root) {
    if (!root.is(Kind::object)) return std::unexpected(invalid("a message is a JSON object"));
    const auto version = root.find("jsonrpc");
    if (!version || version->as_string() != "2.0") {
      return std::unexpected(invalid("`jsonrpc` must be \"2.0\""));
    }
    Message message(root);
    if (const auto id = root.find("id")) {
      if (!is_id(*id)) return std::unexpected(invalid("`id` must be a string or an integer"));
      message.id_ = id->raw();
    }
    const auto method = root.find("method");
    if (!method) return read_response(std::move(message), root);
    if (!method->is(Kind::string)) return std::unexpected(invalid("`method` must be a string"));
    message.method_ = method->as_string().value_or("");
    message.kind_ = message.id_.empty() ? Message::Kind::notification : Message::Kind::request;
    return message;
  }

  static std::expected<Message, RpcError> read_response(Message message, const View& root) {
    const bool has_answer = root.find("result").has_value() != root.find("error").has_value();
    if (message.id_.empty() || !has_answer) {
      return std::unexpected(invalid("a message has a `method`, or an `id` and a `result`"));
    }
    message.kind_ = Message::Kind::response;
    return message;
  }
};

std::optional<View> Message::param(std::string_view name) const {
  return params_ ? params_->find(name) : std::nullopt;
}

std::string_view Message::text_param(std::string_view name) const {
  const auto found = param(name);
  return found ? found->as_string().value_or("") : "";
}

std::optional<View> Message::meta(std::string_view name) const {
  return meta_ ? meta_->find(name) : std::nullopt;
}

std::expected<Batch, RpcError> read_batch(std::string_view text) {
  auto document = json::Document::parse(text);
  if (!document) return std::unexpected(RpcError{kParseError, document.error().message});
  Batch batch{.document = *std::move(document), .messages = {}};
  const View root = batch.document.root();
  batch.is_array = root.is(Kind::array);
  const std::vector<View> roots = batch.is_array ? root.items() : std::vector{root};
  if (roots.empty()) return std::unexpected(invalid("a batch holds at least one message"));
  for (const View& each : roots) {
    auto message = Reader::read(each);
    if (!message) return std::unexpected(message.error());
    batch.messages.push_back(*std::move(message));
  }
  return batch;
}

std::string write_response(std::string_view id, std::string_view result) {
  std::string text;
  text.reserve(id.size() + result.size() + 40);
  text.append(R"({"jsonrpc":"2.0","id":)").append(id);
  text.append(R"(,"result":)").append(result).append("}");
  return text;
}

std::string write_error(std::string_view id, const RpcError& error) {
  std::string text = R"({"jsonrpc":"2.0",)";
  if (!id.empty()) text.append(R"("id":)").append(id).append(",");
  text.append(R"("error":{"code":)").append(std::to_string(error.code));
  text.append(R"(,"message":)").append(json::quoted(error.message));
  if (!error.data.empty()) text.append(R"(,"data":)").append(error.data);
  return text.append("}}");
}

std::string write_notification(std::string_view method, std::string_view params) {
  std::string text = R"({"jsonrpc":"2.0","method":)" + json::quoted(method);
  if (!params.empty()) text.append(R"(,"params":)").append(params);
  return text.append("}");
}

std::string write_request(std::string_view id, std::string_view method, std::string_view params) {
  std::string text = R"({"jsonrpc":"2.0","id":)";
  text.append(id).append(R"(,"method":)").append(json::quoted(method));
  if (!params.empty()) text.append(R"(,"params":)").append(params);
  return text.append("}");
}

int status_of(int code) {
  switch (code) {
    case kMethodNotFound: return 404;
    case kInternalError: return 200;  // what stands between would try a 5xx again
    default: return 400;
  }
}

}  // namespace atonce::protocol::mcp
