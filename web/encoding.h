// Content coding: what the client accepts, and gzip for answers that are worth it.
#pragma once

#include <string>
#include <string_view>

#include "web/message.h"

namespace spirogram::web {

// Reads an Accept-Encoding header with its weights (RFC 9110 12.5.3): "gzip;q=0" refuses, "*"
// counts where gzip is not named. Without the header nothing is compressed.
bool AcceptsGzip(std::string_view accept_encoding);

// zlib's gzip format, level 1: answers are made once and read once, so speed counts more than
// ratio.
std::string Gzip(std::string_view bytes);

// Compresses JSON and columns above 1 KiB where the request allows, unless a sample of a long one
// hardly shrinks. Answers here never hold a secret beside text that a stranger chose, so
// compression tells no secret (BREACH).
void CompressResponse(std::string_view accept_encoding, Response* response);

}  // namespace spirogram::web
