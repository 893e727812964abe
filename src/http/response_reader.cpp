#include "http/response_reader.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>
#include <string>
#include <utility>

namespace atonce::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

// Where the parser puts a body: into a string, or on to whoever takes chunks.
struct SinkBody {
  struct value_type {
    std::string text = {};
    const Client::OnChunk* on_chunk = nullptr;
    std::size_t received_bytes = 0;
    bool is_enough = false;  // the taker of chunks wants no more
  };

  class reader {
   public:
    template <bool is_request, typename Fields>
    reader(beast::http::header<is_request, Fields>& /*header*/, value_type& value)
        : value_(value) {}

    void init(const boost::optional<std::uint64_t>& /*length*/, error_code& error) { error = {}; }

    template <typename Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      std::size_t taken = 0;
      for (const auto buffer : beast::buffers_range_ref(buffers)) {
        const std::string_view bytes(static_cast<const char*>(buffer.data()), buffer.size());
        taken += bytes.size();
        value_.received_bytes += bytes.size();
        if (value_.on_chunk != nullptr) {
          value_.is_enough = !(*value_.on_chunk)(bytes);
        } else {
          value_.text += bytes;
        }
        if (value_.is_enough) {
          error = asio::error::operation_aborted;  // ends the parser, too
          break;
        }
      }
      return taken;
    }

    void finish(error_code& error) { error = {}; }

   private:
    value_type& value_;
  };
};

using Parser = beast::http::response_parser<SinkBody>;

bool is_end(const error_code& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

class AnswerReader {
 public:
  AnswerReader(Connection& connection, const ReadOptions& options, std::string peer)
      : connection_(connection), options_(options), peer_(std::move(peer)) {}

  asio::awaitable<Result<Answer>> read() {
    do {
      start_parser();
      while (!is_over()) {
        const Result<void> step = co_await advance();
        if (!step) co_return std::unexpected(step.error());
      }
    } while (parser_->get().result_int() / 100 == 1 && parser_->get().result_int() != 101);
    co_return take();
  }

 private:
  [[nodiscard]] bool is_over() { return parser_->is_done() || parser_->get().body().is_enough; }

  void start_parser() {
    parser_.emplace();
    parser_->body_limit(options_.max_body_bytes);
    parser_->header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
    parser_->skip(options_.has_no_body);
  }

  // The parser stops after the headers, which decide where the body goes.
  void begin_body() {
    parser_->eager(true);
    if (parser_->get().result_int() / 100 == 2) parser_->get().body().on_chunk = options_.on_chunk;
  }

  // Parses what is there, and reads more when that is not enough.
  asio::awaitable<Result<void>> advance() {
    auto& buffer = connection_.buffer();
    if (buffer.size() > 0) {
      error_code error;
      const std::size_t used = parser_->put(buffer.data(), error);
      buffer.consume(used);
      if (parser_->is_header_done() && !parser_->eager()) begin_body();
      if (parser_->get().body().is_enough) co_return Result<void>{};
      if (error && error != beast::http::error::need_more) {
        co_return std::unexpected(parse_error(error));
      }
      if (!error && used > 0) co_return Result<void>{};
    }
    const auto read = co_await connection_.read_some(buffer.prepare(kReadBytes));
    buffer.commit(read.bytes);
    if (!read.error) co_return Result<void>{};
    if (!is_end(read.error) || connection_.received_bytes() == 0) {
      co_return std::unexpected(read_error(read.error));
    }
    co_return at_end(read.error);
  }

  // The peer closed: right for a body that ends so, too early for any other.
  Result<void> at_end(const error_code& end) {
    error_code error;
    if (parser_->is_header_done() && parser_->need_eof() && end != asio::error::eof) {
      return std::unexpected(read_error(end));  // TLS says that this may have been cut
    }
    parser_->put_eof(error);
    if (error) return std::unexpected(read_error(end));
    return {};
  }

  Error read_error(const error_code& error) {
    const std::string how =
        is_end(error) ? "closed the connection" : "broke the connection (" + error.message() + ")";
    if (connection_.received_bytes() == 0) {
      return {ErrorCode::unavailable, peer_ + " " + how + " without an answer"};
    }
    return {ErrorCode::bad_response, peer_ + " " + how + " " + where()};
  }

  std::string where() {
    if (!parser_->is_header_done()) return "in the middle of the answer's headers";
    const std::string came = std::to_string(parser_->get().body().received_bytes);
    if (const auto length = parser_->content_length()) {
      return "after " + came + " of " + std::to_string(*length) + " bytes of the body";
    }
    return "before the end of the body, after " + came + " bytes of it";
  }

  Error parse_error(const error_code& error) {
    if (error == beast::http::error::body_limit) {
      return {ErrorCode::bad_response, "the answer of " + peer_ + " is larger than the limit of " +
                                           std::to_string(options_.max_body_bytes) + " bytes"};
    }
    if (error == beast::http::error::header_limit) {
      return {ErrorCode::bad_response, "the answer of " + peer_ +
                                           " has headers of more than the limit of " +
                                           std::to_string(options_.max_header_bytes) + " bytes"};
    }
    return {ErrorCode::bad_response, "what " + peer_ + " answered is not HTTP: " + error.message(),
            "check the address and the port"};
  }

  Answer take() {
    const bool is_whole = parser_->is_done();
    auto message = parser_->release();
    Answer answer;
    answer.response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      answer.response.headers.push_back(
          {std::string(field.name_string()), std::string(field.value())});
    }
    answer.response.body = std::move(message.body().text);
    answer.may_reuse = is_whole && message.keep_alive() && connection_.buffer().size() == 0;
    return answer;
  }

  Connection& connection_;
  const ReadOptions& options_;
  const std::string peer_;
  std::optional<Parser> parser_;
};

}  // namespace

asio::awaitable<Result<Answer>> read_answer(Connection& connection, ReadOptions options,
                                            std::string peer) {
  AnswerReader reader(connection, options, std::move(peer));
  co_return co_await reader.read();
}

}  // namespace atonce::http
