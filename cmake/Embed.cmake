# cmake -DOUTPUT=... -DFILES=a.json;b.css -P Embed.cmake: text files as {"name.json", "text"} rows of a C++ table.
set(rows "")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND rows "{\"${name}\", R\"ph_text(${text})ph_text\"},\n")
endforeach()
file(WRITE ${OUTPUT} "${rows}")
