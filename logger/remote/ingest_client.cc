#include "logger/remote/ingest_client.h"

#include <algorithm>
#include <optional>

#include "base/str.h"

namespace spirogram::logger {
namespace {

using Kind = IngestReply::Kind;

// More than the server gives a body (30 s), so that its answer, not this, ends a slow request.
constexpr std::chrono::seconds kRequestTimeout{45};
constexpr size_t kDetailBytesMax = 300;

std::string TargetOf(const std::string& run, const std::string& writer) {
  return StrCat("/api/v1/ingest?run=", PercentEncode(run), "&writer=", PercentEncode(writer));
}

// The sentence of a problem+json answer: the text between "detail":" and the next quote, unescaped
// as far as a log line needs.
std::string DetailOf(const HttpAnswer& answer) {
  constexpr std::string_view kField = "\"detail\":\"";
  const size_t start = answer.body.find(kField);
  std::string detail;
  if (start != std::string::npos) {
    for (size_t i = start + kField.size(); i < answer.body.size() && answer.body[i] != '"'; ++i) {
      if (answer.body[i] == '\\' && i + 1 < answer.body.size()) ++i;
      detail.push_back(answer.body[i]);
    }
  }
  detail.resize(std::min(detail.size(), kDetailBytesMax));
  return StrCat("the server answered ", answer.status, detail.empty() ? "" : ": ",
                ToValidUtf8(detail));
}

// What the server itself never answers, a proxy in front of it does.
std::string RefusalOf(const HttpAnswer& answer) {
  std::string detail = DetailOf(answer);
  if (answer.status == 401 || answer.status == 407) {
    return StrCat(detail,
                  ": a proxy in front of it wants to know who asks, and a logger does not "
                  "say; send to a proxy on this machine that does");
  }
  if (answer.status >= 400) return detail;
  if (!answer.location.empty()) {
    return StrCat(detail, ": it moved to ", Quoted(answer.location.substr(0, kDetailBytesMax)),
                  "; where that is the server, its URL is what to send to");
  }
  return StrCat(detail, " without an Upload-Offset: it is not a Spirogram server, or an older one");
}

std::chrono::seconds RetryAfterOf(const HttpAnswer& answer) {
  const auto seconds = ParseNumber<int64_t>(answer.retry_after);
  if (!seconds || *seconds < 0) return std::chrono::seconds(0);
  return std::min(kRetryAfterMax, std::chrono::seconds(*seconds));
}

bool IsTemporary(int status) {
  return status >= 500 || status == 408 || status == 429;
}

IngestReply ReplyOf(const HttpAnswer& answer) {
  const std::optional<uint64_t> offset = ParseNumber<uint64_t>(answer.upload_offset);
  if (answer.status == 200 && offset) return {Kind::kOffset, *offset, {}, {}};
  IngestReply reply{Kind::kRefused, 0, RetryAfterOf(answer), RefusalOf(answer)};
  if (answer.status == 409) {
    reply.kind = offset ? Kind::kBehind : Kind::kConflict;
    reply.offset = offset.value_or(0);
  } else if (IsTemporary(answer.status)) {
    reply.kind = Kind::kLater;
  } else if (answer.status == 413) {
    reply.kind = Kind::kTooLong;
  }
  return reply;
}

}  // namespace

IngestReply IngestClient::GetOffset(const std::string& run, const std::string& writer) {
  return Exchange({"GET", TargetOf(run, writer), {}, {}});
}

IngestReply IngestClient::Send(const std::string& run, const std::string& writer, uint64_t offset,
                               std::string_view records) {
  return Exchange({"POST", StrCat(TargetOf(run, writer), "&offset=", offset),
                   "application/vnd.spirogram.records", records});
}

IngestReply IngestClient::Exchange(const HttpRequest& request) {
  const Result<HttpAnswer> answer = http_.Send(request, kRequestTimeout);
  if (answer.ok()) return ReplyOf(*answer);
  return {Kind::kLater, 0, {}, answer.error().message};
}

}  // namespace spirogram::logger
