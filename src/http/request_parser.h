// One request from bytes. Internal to http/. Pure: no sockets.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

#include "http/exchange.h"

namespace atonce::http {

// Why a request is not handed over: what its sender is told.
struct Refusal {
  int status;
  std::string_view text;
};

// Looks for the end of a request's line and headers in bytes that come piece by piece.
class HeadScanner final {
 public:
  enum class Found { more_needed, whole, malformed };

  // `bytes`: all since the request began, and no less than the last time.
  Found scan(std::string_view bytes);
  // The size of the head with its empty line, once it is whole.
  [[nodiscard]] std::size_t head_bytes() const { return line_begin_; }

 private:
  std::size_t line_begin_ = 0;  // of the first line that is not whole
  std::size_t scanned_ = 0;
};

// Fills an Incoming. Once something is refused, the parser has no further use.
class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  // `into` must outlive the parser; it is emptied, and its capacity used again.
  RequestParser(Incoming& into, std::size_t max_headers);

  // `head` is whole, as HeadScanner found it.
  [[nodiscard]] std::optional<Refusal> read_head(std::string_view head);

  // After the head. A body over this limit is refused: by its length, or as it comes.
  [[nodiscard]] std::optional<Refusal> limit_body(std::size_t max_bytes);

  // Takes what belongs to the body from `bytes`, and adds to `used` how much that is. What is left
  // over of an unfinished chunk's line must be given again, with more behind it.
  [[nodiscard]] std::optional<Refusal> read_body(std::string_view bytes, std::size_t& used);

  using basic_parser::is_done;  // the body is whole, or there is none
  using basic_parser::keep_alive;
  [[nodiscard]] bool is_http_1_0() const { return version_ < 11; }
  [[nodiscard]] bool wants_continue() const { return wants_continue_; }
  // Of the body, as far as its length is known.
  [[nodiscard]] std::size_t missing_bytes() const;

 private:
  using Code = boost::beast::error_code;
  using View = boost::beast::string_view;
  using Verb = boost::beast::http::verb;
  using FieldName = boost::beast::http::field;

  void on_request_impl(Verb verb, View method, View target, int version, Code& error) override;
  void on_response_impl(int status, View reason, int version, Code& error) override;
  void on_field_impl(FieldName known, View name, View value, Code& error) override;
  void on_header_impl(Code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& error) override;
  std::size_t on_body_impl(View bytes, Code& error) override;
  void on_chunk_header_impl(std::uint64_t size, View extensions, Code& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t rest, View bytes, Code& error) override;
  void on_finish_impl(Code& error) override;

  void check_field(FieldName known, std::string_view value);
  void refuse(int status, std::string_view text, Code& error);
  [[nodiscard]] Refusal refusal_of(const Code& error) const;

  Incoming& into_;
  const std::size_t max_headers_;
  std::optional<Refusal> refusal_ = {};
  int version_ = 11;
  std::size_t hosts_ = 0;
  std::size_t length_ = 0;  // of the body, if its headers say
  bool wants_continue_ = false;
  bool has_head_ = false;
};

}  // namespace atonce::http
