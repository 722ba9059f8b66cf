#include "transfer/unpacked_file.h"

#include <zlib.h>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

constexpr size_t kReadBytes = size_t{1} << 18;
constexpr int kGzipWindow = 15 + 16;  // of inflateInit2: gzip's header and checksum

}  // namespace

void UnpackedFile::EndInflate::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

Result<UnpackedFile> UnpackedFile::Open(const std::string& path) {
  ASSIGN_OR_RETURN(RandomAccessFile file, RandomAccessFile::Open(path));
  UnpackedFile unpacked(std::move(file));
  RETURN_IF_ERROR(unpacked.BeginInflate());
  return unpacked;
}

Status UnpackedFile::BeginInflate() {
  std::string begin;
  ASSIGN_OR_RETURN(const size_t bytes, file_.Read(0, 2, &begin));
  if (bytes < 2 || begin != "\x1f\x8b") return {};
  auto stream = std::make_unique<z_stream_s>();
  if (inflateInit2(stream.get(), kGzipWindow) != Z_OK) return Exhausted("no memory to unpack");
  stream_.reset(stream.release());
  return {};
}

Status UnpackedFile::Read(std::string* out) {
  out->clear();
  if (stream_ != nullptr) return Inflate(out);
  ASSIGN_OR_RETURN(const size_t bytes, file_.Read(offset_, kReadBytes, out));
  offset_ += bytes;
  return {};
}

Status UnpackedFile::ReadPacked() {
  packed_.clear();
  ASSIGN_OR_RETURN(const size_t bytes, file_.Read(offset_, kReadBytes, &packed_));
  offset_ += bytes;
  stream_->next_in = reinterpret_cast<Bytef*>(packed_.data());
  stream_->avail_in = static_cast<uInt>(bytes);
  return {};
}

Status UnpackedFile::Inflate(std::string* out) {
  out->resize(kReadBytes);
  stream_->next_out = reinterpret_cast<Bytef*>(out->data());
  stream_->avail_out = static_cast<uInt>(out->size());
  while (stream_->avail_out == out->size()) {
    if (stream_->avail_in == 0) RETURN_IF_ERROR(ReadPacked());
    if (stream_->avail_in == 0) {
      if (is_between_members_) break;
      return Corruption(StrCat(path(), ": the compressed file ends early"));
    }
    // Several files that gzip packed may stand one after another: they are one.
    if (is_between_members_) inflateReset(stream_.get());
    is_between_members_ = false;
    const int code = inflate(stream_.get(), Z_NO_FLUSH);
    is_between_members_ = code == Z_STREAM_END;
    if (code != Z_OK && code != Z_STREAM_END) {
      // First what stands before the damage, which zlib tells of again.
      if (stream_->avail_out < out->size()) break;
      return Corruption(StrCat(path(), ": the compressed file is damaged"));
    }
  }
  out->resize(out->size() - stream_->avail_out);
  return {};
}

}  // namespace spirogram::transfer
