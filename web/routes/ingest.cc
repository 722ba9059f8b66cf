#include "base/str.h"
#include "web/json_ingest.h"
#include "web/problem.h"
#include "web/routes/handlers.h"
#include "web/security.h"

namespace spirogram::web {
namespace {

// What a client needs to go on, where it need not read JSON: where its next batch begins.
constexpr std::string_view kOffsetHeader = "Upload-Offset";
constexpr std::string_view kSequenceHeader = "Upload-Sequence";
constexpr std::string_view kRetryAfterFull = "30";  // seconds: somebody has to make room
constexpr std::string_view kRetryAfterFailure = "10";

Result<store::IngestLog*> LogOf(const Call& call) {
  if (call.context.ingest != nullptr) return call.context.ingest;
  return Permission(
      "this server takes in no data: it listens beyond this machine and was started without "
      "--allow-ingest");
}

struct Source {
  std::string run;
  std::string writer;
};

Result<Source> RequiredSource(const Query& query) {
  Source source;
  ASSIGN_OR_RETURN(source.run, query.Text("run"));
  ASSIGN_OR_RETURN(source.writer, query.Text("writer"));
  return source;
}

// The two forms of a body differ in how their batches are counted.
struct Form {
  bool is_records = true;
  std::string_view field = "offset";
  std::string_view header = kOffsetHeader;
};

Result<Form> FormOf(const Call& call) {
  const bool is_records = EqualsIgnoreCase(MediaType(call.request), kRecordsType);
  const Form form = is_records ? Form{} : Form{false, "sequence", kSequenceHeader};
  const std::string_view other = is_records ? "sequence" : "offset";
  if (call.query.Find(other) != nullptr) {
    return InvalidArgument(StrCat("query parameter ", other, " does not go with ",
                                  is_records ? kRecordsType : kScalarsType, ": want ", form.field));
  }
  return form;
}

Response Stored(const Source& source, const Form& form, uint64_t position) {
  Response response =
      JsonResponse(IngestStoredJson(source.run, source.writer, form.field, position));
  response.Set(form.header, StrCat(position));
  return response;
}

Response AnswerOf(const Call& call, const Source& source, const Form& form,
                  const store::IngestAnswer& answer) {
  Response response;
  switch (answer.outcome) {
    case store::IngestOutcome::kStored:
      return Stored(source, form, answer.position);
    case store::IngestOutcome::kGap:
      response = ProblemResponse(409, answer.detail, call.request.id);
      response.Set(form.header, StrCat(answer.position));
      return response;
    case store::IngestOutcome::kMismatch:  // no position: going on from it would mix two streams
      return ProblemResponse(409, answer.detail, call.request.id);
    case store::IngestOutcome::kFull:
      response = ProblemResponse(507, answer.detail, call.request.id);
      response.Set("Retry-After", kRetryAfterFull);
      return response;
  }
  return response;
}

}  // namespace

Result<Response> HandleIngest(const Call& call) {
  ASSIGN_OR_RETURN(store::IngestLog* const log, LogOf(call));
  ASSIGN_OR_RETURN(const Source source, RequiredSource(call.query));
  if (call.request.body.empty()) return InvalidArgument("the body is empty, want a batch");
  ASSIGN_OR_RETURN(const Form form, FormOf(call));
  ASSIGN_OR_RETURN(const int64_t at, call.query.Integer(form.field, {0, INT64_MAX}));
  const auto position = static_cast<uint64_t>(at);
  const Result<store::IngestAnswer> answer =
      form.is_records ? log->AppendRecords(source.run, source.writer, position, call.request.body)
                      : log->AppendScalars(source.run, source.writer, position, call.request.body);
  if (answer.ok()) return AnswerOf(call, source, form, *answer);
  Response response = ErrorResponse(answer.error(), call.request.id);
  if (response.status == 503) response.Set("Retry-After", kRetryAfterFailure);
  return response;
}

Result<Response> HandleIngestPosition(const Call& call) {
  ASSIGN_OR_RETURN(store::IngestLog* const log, LogOf(call));
  ASSIGN_OR_RETURN(const Source source, RequiredSource(call.query));
  ASSIGN_OR_RETURN(const store::IngestPosition position,
                   log->GetPosition(source.run, source.writer));
  Response response = JsonResponse(IngestPositionJson(source.run, source.writer, position));
  response.Set(kOffsetHeader, StrCat(position.offset));
  response.Set(kSequenceHeader, StrCat(position.sequence));
  return response;
}

}  // namespace spirogram::web
