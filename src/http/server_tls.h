// The server's certificate and what TLS it speaks. Internal to http/.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "base/result.h"
#include "http/server.h"

namespace atonce::http {

// TLS 1.2 and 1.3 with the certificate and key of the files. Errors: bad_input.
[[nodiscard]] Result<std::shared_ptr<boost::asio::ssl::context>> make_server_tls(
    const TlsFiles& files);

}  // namespace atonce::http
