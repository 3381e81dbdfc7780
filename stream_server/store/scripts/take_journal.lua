-- Make a session's journal the caller's: its fence is raised, unless the session has ended or is not known.
--
-- KEYS[1] ss:session:<id>         hash  head, fence, standing, behind, voices, ended
-- KEYS[2] ss:session:<id>:events  list
-- ARGV[1] milliseconds to keep it

if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], 'ended') == 1 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'fence', 1)
