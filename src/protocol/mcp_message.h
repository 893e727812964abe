// MCP's messages, which are JSON-RPC 2.0: bytes to values and back. Pure functions.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace atonce::protocol::mcp {

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kResourceNotFound = -32002;  // legacy revisions only
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kMissingCapability = -32021;
inline constexpr int kUnsupportedVersion = -32022;

// An error as JSON-RPC tells it.
struct RpcError {
  int code = kInternalError;
  std::string message = {};
  std::string data = {};  // JSON; empty for none

  friend bool operator==(const RpcError&, const RpcError&) = default;
};

// One message and its text. Views of it live as long as it does.
class Message final {
 public:
  enum class Kind { request, notification, response };

  [[nodiscard]] Kind kind() const { return kind_; }
  // A string or an integer, as JSON; empty for a notification.
  [[nodiscard]] std::string_view id() const { return id_; }
  [[nodiscard]] std::string_view method() const { return method_; }  // empty for a response
  // An object; nothing where there is none.
  [[nodiscard]] std::optional<json::View> params() const { return params_; }
  // A member of the parameters.
  [[nodiscard]] std::optional<json::View> param(std::string_view name) const;
  // The same as text; empty where it is none.
  [[nodiscard]] std::string_view text_param(std::string_view name) const;
  // A member of the parameters' `_meta`, such as "progressToken".
  [[nodiscard]] std::optional<json::View> meta(std::string_view name) const;
  // Of a response: one of them is there.
  [[nodiscard]] std::optional<json::View> result() const { return member("result"); }
  [[nodiscard]] std::optional<json::View> error() const { return member("error"); }

 private:
  friend struct Reader;
  [[nodiscard]] std::optional<json::View> member(std::string_view name) const {
    return root_.find(name);
  }
  explicit Message(const json::View& root)
      : root_(root),
        params_(root.find("params")),
        meta_(params_ ? params_->find("_meta") : std::nullopt) {}

  Kind kind_ = Kind::request;
  std::string id_;
  std::string method_;
  // Of the batch's document, which outlives it; what is asked for often is looked up once.
  json::View root_;
  std::optional<json::View> params_;
  std::optional<json::View> meta_;
};

// What one body or line holds. Messages keep their document alive as long as the batch is.
struct Batch {
  json::Document document;
  std::vector<Message> messages;  // one, unless it is an array
  bool is_array = false;
};

// Errors: parse_error; invalid_request, for what is no JSON-RPC message (then `id_of_bad` says
// nothing: such an answer has no id).
[[nodiscard]] std::expected<Batch, RpcError> read_batch(std::string_view text);

// ---- writing. `id` is JSON; empty where the request's is not known.

[[nodiscard]] std::string write_response(std::string_view id, std::string_view result);
[[nodiscard]] std::string write_error(std::string_view id, const RpcError& error);
// `params` and `meta` are JSON objects; an empty one is left out.
[[nodiscard]] std::string write_notification(std::string_view method, std::string_view params);
[[nodiscard]] std::string write_request(std::string_view id, std::string_view method,
                                        std::string_view params);

// The HTTP status of an answer that is an error, in the modern revisions.
[[nodiscard]] int status_of(int code);

}  // namespace atonce::protocol::mcp
