# Mail::DKIM says of each letter whether its signature holds. usage: verify.pl RECORD.json pass|fail LETTER…
use strict;
use warnings;
use JSON::PP;
use Mail::DKIM::Verifier;
use Mail::DKIM::DNS;
use Net::DNS;

# What would be asked in DNS, answered from the record.
package Published;

sub send {
    my ($self, $name) = @_;
    my $packet = Net::DNS::Packet->new($name, 'TXT', 'IN');
    if (lc $name eq lc $self->{name}) {
        $packet->push(answer => Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => $self->{strings}));
    }
    return $packet;
}

sub errorstring { return 'NOERROR' }

package main;

my ($record, $wanted, @letters) = @ARGV;
open my $file, '<', $record or die "$record: $!";
my $published = decode_json(do { local $/; <$file> });
Mail::DKIM::DNS::resolver(bless { name => $published->{name}, strings => $published->{strings} }, 'Published');
my @wrong;
for my $letter (@letters) {
    open my $in, '<:raw', $letter or die "$letter: $!";
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT(do { local $/; <$in> });
    $verifier->CLOSE;
    my $held = $verifier->result eq 'pass';
    push @wrong, "$letter (" . $verifier->result_detail . ')' if $held != ($wanted eq 'pass');
}
die "Mail::DKIM: should $wanted: " . (join(', ', @wrong) || 'no letter') . "\n" if @wrong || !@letters;
