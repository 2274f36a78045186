// Passwords that everybody tries. What is shorter than twelve characters is refused anyway, so these are the words of which
// long ones are made: alone, twice, with figures around them, or with figures in the place of letters.

/** Null, or what is wrong with it in words. Nothing else is asked of a password: any characters, in any mixture. */
export function passwordProblem(password: string): string | null {
  const length = [...password].length
  if (length < PASSWORD_LENGTH_MIN) return `A password has at least ${PASSWORD_LENGTH_MIN} characters.`
  if (length > PASSWORD_LENGTH_MAX) return `A password has at most ${PASSWORD_LENGTH_MAX} characters.`
  if (!password.isWellFormed() || CONTROL.test(password)) return 'A password has no control characters.'
  if (isCommon(password)) return 'This password is one that everybody tries.'
  return null
}

export const PASSWORD_LENGTH_MIN = 12
export const PASSWORD_LENGTH_MAX = 128

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that are looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/** Bounded by the length of a password: each expression here runs over 128 characters at most. */
export function isCommon(password: string): boolean {
  const lower = password.normalize('NFKC').toLowerCase()
  if (isRepeated(lower) || isRun(lower)) return true
  // Figures at its ends are figures; those inside may stand for letters.
  const core = lower.replace(/^[^a-z]+|[^a-z]+$/g, '')
  const spelled = [...core].map(one => LETTER_OF[one] ?? one).join('')
  return fewOthers(lower) && [lower, spelled].some(text => isMadeOfWords(text.replace(/[^a-z]+/g, '')))
}

/** Whether letters make most of it: what stands around a word are figures and marks, and not a text of its own. */
function fewOthers(text: string): boolean {
  const others = text.replace(/[a-z]+/g, '')
  return others.length <= 8 || isRepeated(others) || isRun(others)
}

/** `abcabcabcabc`, `aaaaaaaaaaaa`: up to six characters, again and again. */
function isRepeated(text: string): boolean {
  for (let unit = 1; unit <= 6 && unit * 2 <= text.length; unit += 1) {
    const one = text.slice(0, unit)
    if (one.repeat(Math.ceil(text.length / unit)).startsWith(text)) return true
  }
  return false
}

/** A piece of a row of a keyboard, of the alphabet or of the figures, forwards or backwards. */
function isRun(text: string): boolean {
  return text.length > 0 && ROWS.some(row => `${row}${row}`.includes(text))
}

/** Whether nothing but common words stand in it, at most four of them. */
function isMadeOfWords(text: string): boolean {
  let ends: ReadonlySet<number> = new Set([0])
  for (let words = 0; words < 4; words += 1) {
    const next = new Set<number>()
    for (const at of ends) for (const word of WORDS) if (text.startsWith(word, at)) next.add(at + word.length)
    if (next.has(text.length) && text.length > 0) return true
    ends = next
  }
  return false
}

const FORWARDS = [
  '1234567890',
  '0123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  'asdfghjkl',
  'zxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
]
const ROWS: readonly string[] = FORWARDS.flatMap(row => [row, [...row].reverse().join('')])

const LETTER_OF: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '9': 'g' },
  ...{ '@': 'a', $: 's', '!': 'i', '€': 'e', '+': 't' },
}

const WORDS: readonly string[] = [
  'password passwort passwd pass passcode passphrase motdepasse contrasena senha parola haslo geheim secret',
  'welcome willkommen hello hallo hola letmein open opensesame sesame login logon signin access enter',
  'admin administrator root superuser user username test testing tester guest demo default temp temporary',
  'changeme change changethis master manager operator approver viewer maker system server service support',
  'quittance payout payouts payment payments payment money cash bank banking wallet provider merchant finance',
  'qwerty qwertz azerty qwertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qweasd qweasdzxc abc abcd',
  'abcdef abcdefg abcdefgh abcdefghijkl letters iloveyou love loveyou lovely forever together princess prince',
  'queen king angel angels dragon monkey tiger lion eagle falcon panther bear wolf shark dolphin butterfly kitten',
  'puppy horse chicken football soccer baseball basketball hockey cricket tennis golf arsenal chelsea liverpool',
  'barcelona realmadrid manchester united juventus yankees cowboys lakers steelers superman batman spiderman',
  'starwars startrek pokemon pikachu naruto minecraft fortnite matrix merlin gandalf hunter ranger killer ninja',
  'shadow sunshine summer winter spring autumn january february march april may june july august september',
  'october november december monday tuesday wednesday thursday friday saturday sunday today tomorrow morning',
  'michael jennifer jessica jordan ashley daniel charlie thomas robert andrew joshua matthew anthony william',
  'george michelle nicole samantha amanda maria anna elena olga ivan sergey natasha mohammed muhammad ahmed ali',
  'computer internet google facebook twitter instagram whatsapp microsoft windows apple samsung android iphone',
  'linux ubuntu oracle postgres mysql database docker kubernetes cloud amazon github gitlab company business',
  'london paris berlin madrid moscow newyork dhaka bangladesh india pakistan america england germany france',
  'chocolate cookie coffee banana orange cherry pepper cheese pizza whiskey flower flowers rainbow diamond',
  'silver golden purple yellow green blue red black white freedom liberty jesus christ god heaven blessed',
  'trustno correct correcthorse battery staple correcthorsebatterystaple whatever nothing something anything everything',
  'nevermind remember please thankyou fuckyou fuckoff asshole bitch sexy hottie family friends mother father',
  'the is my you me i a of and to for your this that our new one two three ok no yes it in on',
].flatMap(line => line.split(' '))
