/*
 * What one record does to its key, or the records of a partition to a stream, in one step that nobody sees half of. Each first does what fails where
 * the key holds something else (WRONGTYPE) or Redis is full (OOM), so that it has changed nothing then.
 */

/** KEYS: the hash. ARGV: how long it lives in ms, or 0; names and values. Fields that it had and that are not among them are removed. */
export const REPLACE_HASH = `
local old = redis.call('HKEYS', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
local new = {}
for i = 2, #ARGV, 2 do new[ARGV[i]] = true end
for _, name in ipairs(old) do if not new[name] then redis.call('HDEL', KEYS[1], name) end end
if ARGV[1] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1`;

/** KEYS: the hash. */
export const DELETE_HASH = `
redis.call('HLEN', KEYS[1])
return redis.call('UNLINK', KEYS[1])`;

/** KEYS: the key. ARGV: how long it lives in ms, or 0; the value. */
export const SET_KEY = `
redis.call('STRLEN', KEYS[1])
if ARGV[1] ~= '0' then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1`;

/** KEYS: the key. */
export const DELETE_KEY = `
redis.call('STRLEN', KEYS[1])
return redis.call('UNLINK', KEYS[1])`;

/**
 * KEYS: the stream; the hash of how far each partition has been written to it. ARGV: the length to trim the stream to, or 0; the name of the partition, or
 * '' where its records have no offsets; then for each record, in the order of their offsets: the offset, the number of its fields, names and values.
 * Offsets are `17`, or `17.0.2` for what was made of the record at 17. Answers how many are there now, how many of them were before, and what failed.
 */
export const ADD_ENTRIES = `
local function after(a, b)
  local x, y = string.gmatch(a, '%d+'), string.gmatch(b, '%d+')
  while true do
    local i, j = x(), y()
    if not i then return false end
    if not j then return true end
    if tonumber(i) ~= tonumber(j) then return tonumber(i) > tonumber(j) end
  end
end
local trim, partition = ARGV[1], ARGV[2]
local before = partition ~= '' and redis.call('HGET', KEYS[2], partition)
local at, done, repeats, last = 3, 0, 0, nil
local failure = ''
while at <= #ARGV do
  local offset, count = ARGV[at], tonumber(ARGV[at + 1])
  if before and not after(offset, before) then
    repeats = repeats + 1
  else
    local args = { KEYS[1] }
    if trim ~= '0' then args[2], args[3], args[4] = 'MAXLEN', '~', trim end
    args[#args + 1] = '*'
    for i = at + 2, at + 1 + count do args[#args + 1] = ARGV[i] end
    local reply = redis.pcall('XADD', unpack(args))
    if type(reply) == 'table' and reply.err then failure = reply.err break end
    last = offset
  end
  done = done + 1
  at = at + 2 + count
end
if partition ~= '' and last then redis.call('HSET', KEYS[2], partition, last) end
return { done, repeats, failure }`;
