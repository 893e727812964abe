// Any bytes of one connection: the server lives, and every request that it hands over gets exactly
// one answer, in order; after a request that it does not hand over there is one more, and the end.
//
// The first byte says in how many parts the rest arrives.

#include <sys/socket.h>
#include <unistd.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>
#include <utility>
#include <vector>

#include "http/server_loop.h"
#include "target.h"

using namespace atonce;
using namespace atonce::http;

namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

struct Handed {
  bool is_head = false;
  bool is_in_pieces = false;
};

// An answer of a kind that the request decides.
Handler handler_for(std::vector<Handed>& handed) {
  return [&handed](const std::shared_ptr<Exchange>& exchange) {
    const Incoming& request = exchange->request();
    fuzz::require(!request.method().empty() && !request.target().empty(), "a request has a line");
    fuzz::require(request.body().size() <= 1000, "a body is within the limit");
    fuzz::require(request.headers().size() <= 10, "headers are within the limit");
    const bool is_in_pieces = request.target().size() % 2 == 0;
    handed.push_back({request.method() == "HEAD", is_in_pieces});
    if (is_in_pieces) {
      exchange->begin(200, "");
      exchange->write(request.target());
      exchange->write(request.body());
      exchange->end();
    } else {
      exchange->answer(200, "", std::string(request.body()));
    }
  };
}

std::string read_all(int socket) {
  std::string all;
  char bytes[65536];
  for (;;) {
    const ssize_t count = ::recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count <= 0) return all;
    all.append(bytes, static_cast<std::size_t>(count));
  }
}

// Takes one answer from the front. Interim ones are skipped.
int take_answer(std::string_view& answers, bool is_head) {
  for (;;) {
    beast_http::response_parser<beast_http::string_body> parser;
    parser.eager(true);
    parser.skip(is_head && !answers.starts_with("HTTP/1.1 100"));
    boost::system::error_code error;
    const std::size_t used = parser.put({answers.data(), answers.size()}, error);
    fuzz::require(!error, "what the server sends is HTTP");
    answers.remove_prefix(used);
    if (!parser.is_done()) {
      fuzz::require(parser.need_eof() && answers.empty(), "an answer is whole");
      return static_cast<int>(parser.get().result_int());
    }
    if (parser.get().result_int() != 100) return static_cast<int>(parser.get().result_int());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t parts = data[0] % 16U + 1;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);

  std::vector<Handed> handed;
  ServerOptions options;
  options.max_header_bytes = 500;
  options.max_headers = 10;
  options.max_body_bytes = [](std::string_view, std::string_view) { return std::size_t{1000}; };
  const Handler handler = handler_for(handed);
  Activity activity;
  Loop loop(options, handler, activity);

  int ends[2];
  fuzz::require(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "there are sockets");
  ServerSocket socket(loop.io().get_executor());
  socket.assign(asio::ip::tcp::v4(), ends[0]);
  loop.admit(std::move(socket));
  loop.io().poll();

  std::string came;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t from = bytes.size() * part / parts;
    const std::size_t to = bytes.size() * (part + 1) / parts;
    if (from < to) static_cast<void>(::send(ends[1], bytes.data() + from, to - from, MSG_NOSIGNAL));
    loop.io().poll();
    came += read_all(ends[1]);
  }
  ::shutdown(ends[1], SHUT_WR);
  for (int turn = 0; turn < 3; ++turn) {
    loop.io().poll();
    came += read_all(ends[1]);
  }
  ::close(ends[1]);
  fuzz::require(activity.wait_until_none(std::chrono::milliseconds(0)),
                "nothing is left to answer");
  fuzz::require(loop.io().stopped(), "the connection is over once its client is");

  std::string_view answers = came;
  for (const Handed& each : handed) {
    fuzz::require(take_answer(answers, each.is_head) == 200, "each request has its answer");
  }
  if (!answers.empty()) fuzz::require(take_answer(answers, false) >= 400, "a refusal is an error");
  fuzz::require(answers.empty(), "there are no more answers than requests");
  return 0;
}
