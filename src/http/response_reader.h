// Reads one answer from a connection, within limits. Internal to http/.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>

#include "base/result.h"
#include "http/client.h"
#include "http/connection.h"

namespace atonce::http {

struct ReadOptions {
  std::size_t max_body_bytes;
  std::size_t max_header_bytes;
  bool has_no_body = false;                   // whatever its headers say: to HEAD and CONNECT
  const Client::OnChunk* on_chunk = nullptr;  // takes the body of 2xx answers; may be null
};

struct Answer {
  Response response;
  bool may_reuse = false;  // whether the connection can carry another exchange
};

// Interim answers (1xx) are skipped. `peer` is for messages.
// Errors: unavailable (closed before an answer began), bad_response.
[[nodiscard]] boost::asio::awaitable<Result<Answer>> read_answer(Connection& connection,
                                                                 ReadOptions options,
                                                                 std::string peer);

}  // namespace atonce::http
