# Run by spirogram_embed at build time: cmake -DDIR=... -DOUT_DIR=... -P embed_files.cmake
# Writes OUT_DIR/embedded_files.cc, which pulls the files in with the assembler's .incbin: a large array
# in C++ would take the compiler minutes, and this takes none.

cmake_policy(VERSION 3.25)

set(types
  html text/html js text/javascript css text/css txt text/plain json application/json
  map application/json webmanifest application/manifest+json wasm application/wasm
  svg image/svg+xml png image/png jpg image/jpeg gif image/gif ico image/x-icon webp image/webp
  woff2 font/woff2 woff font/woff ttf font/ttf)
set(compressible html js css json map svg txt wasm webmanifest ttf ico)

file(MAKE_DIRECTORY "${OUT_DIR}")
file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE "${DIR}" "${DIR}/*")
list(SORT files)

set(assembly "")
set(symbols "")
set(rows "")
set(number 0)
set(count 0)
foreach(file IN LISTS files)
  if(NOT file MATCHES "^[A-Za-z0-9._/-]+$")
    message(FATAL_ERROR "${DIR}/${file}: want letters, digits, '.', '_', '-' in names of web files")
  endif()
  set(source "${DIR}/${file}")
  file(SHA256 "${source}" hash)
  string(SUBSTRING "${hash}" 0 20 hash)
  file(SIZE "${source}" size)
  string(REGEX MATCH "[^.]*$" extension "${file}")
  string(TOLOWER "${extension}" extension)
  set(type "application/octet-stream")
  list(FIND types "${extension}" at)
  if(at GREATER -1)
    math(EXPR at "${at} + 1")
    list(GET types ${at} type)
  endif()
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()

  set(gzip "")
  set(gzip_size 0)
  if(extension IN_LIST compressible AND size GREATER 512)
    # Named by content, so that an unchanged file is not compressed again.
    set(gzip "${OUT_DIR}/${hash}.gz")
    if(NOT EXISTS "${gzip}")
      file(ARCHIVE_CREATE OUTPUT "${gzip}" PATHS "${source}" FORMAT raw COMPRESSION GZip
           COMPRESSION_LEVEL 9)
    endif()
    file(SIZE "${gzip}" gzip_size)
  endif()

  # Vite puts a hash of the content into the names below assets/.
  set(is_immutable false)
  if(file MATCHES "^assets/.*-[A-Za-z0-9_-]+\\.[a-z0-9]+$")
    set(is_immutable true)
  endif()

  string(APPEND assembly "    \"spirogram_file_${number}: .incbin \\\"${source}\\\"\\n\"  // ${hash}\n")
  string(APPEND symbols "extern const char kFile${number}[] asm(\"spirogram_file_${number}\");\n")
  set(gzip_view "{}")
  if(gzip AND gzip_size LESS size)
    string(APPEND assembly "    \"spirogram_gzip_${number}: .incbin \\\"${gzip}\\\"\\n\"\n")
    string(APPEND symbols "extern const char kGzip${number}[] asm(\"spirogram_gzip_${number}\");\n")
    set(gzip_view "{kGzip${number}, ${gzip_size}}")
  endif()
  string(APPEND rows "    {\"/${file}\", \"${type}\", \"\\\"${hash}\\\"\",\n"
    "     {kFile${number}, ${size}}, ${gzip_view}, ${is_immutable}},\n")
  math(EXPR number "${number} + 1")
endforeach()

set(text "// Made by cmake/embed_files.cmake.\n#include \"web/static_files.h\"\n\n")
if(number GREATER 0)
  string(APPEND text "asm(\n    \".section .rodata\\n\"\n${assembly}    \".previous\\n\");\n\n${symbols}\n")
endif()
string(APPEND text "namespace spirogram::web {\n\n"
  "std::span<const StaticFile> EmbeddedFiles() {\n")
if(number GREATER 0)
  string(APPEND text "  static constexpr StaticFile kFiles[] = {\n${rows}  };\n  return kFiles;\n")
else()
  string(APPEND text "  return {};\n")
endif()
string(APPEND text "}\n\n}  // namespace spirogram::web\n")

set(out "${OUT_DIR}/embedded_files.cc")
set(old "")
if(EXISTS "${out}")
  file(READ "${out}" old)
endif()
if(NOT old STREQUAL text)
  file(WRITE "${out}" "${text}")
endif()
