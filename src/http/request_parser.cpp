#include "http/request_parser.h"

#include <boost/beast/http/error.hpp>
#include <charconv>
#include <cstring>
#include <string>

#include "http/header.h"

namespace atonce::http {
namespace {

namespace beast_http = boost::beast::http;

// The shortest rest of a chunked body: "0", CRLF, CRLF. Beast's parser wants no less at a time.
constexpr std::size_t kLeastChunkedBytes = 5;

constexpr std::size_t kKeptBytes = std::size_t{4} << 10;  // of a body's memory, for the next one

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool is_inside(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

HeadScanner::Found HeadScanner::scan(std::string_view bytes) {
  if (bytes.size() <= scanned_) return Found::more_needed;
  // What begins so is another protocol, of which no end would come: TLS, most likely.
  if (bytes[0] <= ' ' || bytes[0] == '\x7f') return Found::malformed;
  while (const void* const found =
             std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_)) {
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    scanned_ = end + 1;
    if (end == line_begin_ || bytes[end - 1] != '\r') return Found::malformed;
    const bool is_empty = end - line_begin_ == 1;
    line_begin_ = end + 1;
    if (is_empty) return Found::whole;
  }
  scanned_ = bytes.size();
  return Found::more_needed;
}

RequestParser::RequestParser(Incoming& into, std::size_t max_headers)
    : into_(into), max_headers_(max_headers) {
  into_.head_.clear();
  into_.body_.clear();
  if (into_.body_.capacity() > kKeptBytes) into_.body_ = {};
  into_.fields_.clear();
  into_.method_ = into_.target_ = {};
}

std::optional<Refusal> RequestParser::read_head(std::string_view head) {
  // The views that the parser hands out have to stay: they look at this copy.
  into_.head_.assign(head);
  header_limit(static_cast<std::uint32_t>(head.size()) + 1);
  body_limit(boost::none);
  Code error;
  put({into_.head_.data(), into_.head_.size()}, error);
  has_head_ = true;
  if (error) return refusal_of(error);
  if (!is_http_1_0() && hosts_ != 1) return Refusal{400, "there must be one Host header"};
  return std::nullopt;
}

std::optional<Refusal> RequestParser::limit_body(std::size_t max_bytes) {
  if (is_done()) return std::nullopt;
  if (chunked()) {
    body_limit(max_bytes);
  } else if (missing_bytes() > max_bytes) {
    return Refusal{413, "the body is larger than the limit"};
  }
  eager(true);
  return std::nullopt;
}

std::optional<Refusal> RequestParser::read_body(std::string_view bytes, std::size_t& used) {
  if (bytes.empty() || (chunked() && bytes.size() < kLeastChunkedBytes)) return std::nullopt;
  Code error;
  used += put({bytes.data(), bytes.size()}, error);
  if (error && error != beast_http::error::need_more) return refusal_of(error);
  return std::nullopt;
}

std::size_t RequestParser::missing_bytes() const {
  return length_ > into_.body_.size() ? length_ - into_.body_.size() : 0;
}

void RequestParser::on_request_impl(Verb, View method, View target, int version, Code&) {
  into_.method_ = view(method);
  into_.target_ = view(target);
  version_ = version;
}

void RequestParser::on_response_impl(int, View, int, Code&) {}

void RequestParser::on_field_impl(FieldName known, View name, View value, Code& error) {
  if (has_head_) return;  // behind a chunked body; nobody asks for those
  if (into_.fields_.size() >= max_headers_) {
    return refuse(431, "there are more headers than the limit", error);
  }
  if (!value.empty() && !is_inside(view(value), into_.head_)) {
    return refuse(400, "a header goes over more than one line", error);
  }
  into_.fields_.push_back({view(name), view(value)});
  check_field(known, view(value));
  if (refusal_) error = beast_http::error::bad_value;
}

void RequestParser::check_field(FieldName known, std::string_view value) {
  if (known == FieldName::host) {
    ++hosts_;
  } else if (known == FieldName::content_length) {
    std::from_chars(value.data(), value.data() + value.size(), length_);  // Beast has checked it
  } else if (known == FieldName::transfer_encoding) {
    // Whoever reads another end of this body than we do would see another request behind it.
    if (is_http_1_0()) refusal_ = {400, "HTTP/1.0 has no Transfer-Encoding"};
    if (!equal_without_case(value, "chunked")) {
      refusal_ = {501, "of transfer encodings, only `chunked` is understood"};
    }
  } else if (known == FieldName::expect && !is_http_1_0()) {
    wants_continue_ = equal_without_case(value, "100-continue");
    if (!wants_continue_) refusal_ = {417, "only `100-continue` can be expected"};
  }
}

void RequestParser::on_header_impl(Code&) {}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) {}

std::size_t RequestParser::on_body_impl(View bytes, Code&) {
  into_.body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, View, Code&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, View bytes, Code&) {
  into_.body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestParser::on_finish_impl(Code&) {}

void RequestParser::refuse(int status, std::string_view text, Code& error) {
  refusal_ = {status, text};
  error = beast_http::error::bad_value;
}

Refusal RequestParser::refusal_of(const Code& error) const {
  if (refusal_) return *refusal_;
  if (error == beast_http::error::body_limit) return {413, "the body is larger than the limit"};
  if (error == beast_http::error::bad_version)
    return {505, "only HTTP/1.0 and HTTP/1.1 are spoken"};
  if (error == beast_http::error::bad_method || error == beast_http::error::bad_target) {
    return {400, "the request line is malformed"};
  }
  if (error == beast_http::error::bad_chunk || error == beast_http::error::bad_chunk_extension) {
    return {400, "a chunk of the body is malformed"};
  }
  if (error == beast_http::error::bad_content_length ||
      error == beast_http::error::multiple_content_length ||
      error == beast_http::error::bad_transfer_encoding) {
    return {400, "the length of the body is not clear"};
  }
  return {400, "a header is malformed"};
}

}  // namespace atonce::http
