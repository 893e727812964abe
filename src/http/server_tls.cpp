#include "http/server_tls.h"

#include <openssl/ssl.h>

#include <fstream>
#include <string>

namespace atonce::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

bool is_readable(const std::filesystem::path& file) { return std::ifstream(file).good(); }

std::unexpected<Error> unreadable(const std::string& what, const std::filesystem::path& file) {
  return failure(ErrorCode::bad_input, "the " + what + " `" + file.string() + "` cannot be read",
                 "check the path, and that you may read the file");
}

}  // namespace

Result<std::shared_ptr<asio::ssl::context>> make_server_tls(const TlsFiles& files) {
  if (!is_readable(files.certificate)) return unreadable("certificate", files.certificate);
  if (!is_readable(files.key)) return unreadable("key", files.key);

  const auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  ::SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  ::SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  ::SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // of connections that are idle
  error_code error;
  // Without it OpenSSL would ask for a password on the terminal.
  context->set_password_callback([](std::size_t, auto) { return std::string(); }, error);
  context->use_certificate_chain_file(files.certificate.string(), error);
  if (error) {
    return failure(
        ErrorCode::bad_input,
        "`" + files.certificate.string() + "` has no usable certificate: " + error.message(),
        "it must be PEM: the server's certificate first, then those that vouch for it");
  }
  context->use_private_key_file(files.key.string(), asio::ssl::context::pem, error);
  if (error) {
    return failure(
        ErrorCode::bad_input,
        "`" + files.key.string() + "` has no usable key for the certificate: " + error.message(),
        "it must be the certificate's own key, PEM, without a password");
  }
  return context;
}

}  // namespace atonce::http
